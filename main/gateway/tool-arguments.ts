import { isObject } from './parameters.ts'

/**
 * A call's arguments as interfaces say them that have values in place of text. What is no JSON object, as where the answer
 * was cut short, is told as it is under a name that no tool has.
 */
export function argumentsOf(text: string): Record<string, unknown> {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // told below
  }
  return { unreadable_arguments: text }
}
