// What is known of a key beyond its type, and the kinds of keys that there are.
import { z } from 'zod'
import { isAddressRange } from './addresses.ts'

export interface KeyInfo {
  /** In one sentence, for the owner of a Mac. */
  readonly meaning: string
  /** What the key takes, for a reader: "expected …". */
  readonly expected: string
  /** Never shown. */
  readonly secret?: true
  /** Part of the contract, without effect in this release: setting it is answered with a warning. */
  readonly notYet?: true
  /** Set in `cluster.yaml` or the environment, never over HTTP. */
  readonly onlyByFile?: true
}

/** What is known of each key beyond its type; a schema that is not in here is a section. */
export const keyInfo = z.registry<KeyInfo>()

type More = Partial<Omit<KeyInfo, 'meaning'>>

export const later = { notYet: true } as const
/**
 * What opens this Mac to the network, sends its requests or its prompts elsewhere, or takes down the guard of the very door
 * that settings come through. Whoever reaches that door, by a hole in a web page or a tool that runs here, must not be
 * able to widen it: the owner writes these into the file. Secrets are among them, so none ever travels over HTTP.
 */
export const byFile = { onlyByFile: true } as const

export const flag = (meaning: string, normally: boolean, more: More = {}) =>
  z
    .boolean()
    .default(normally)
    .register(keyInfo, { meaning, expected: 'true or false', ...more })

export const whole = (meaning: string, normally: number, min: number, max: number, more: More = {}) =>
  z
    .int()
    .min(min)
    .max(max)
    .default(normally)
    .register(keyInfo, { meaning, expected: `a whole number from ${min} to ${max}`, ...more })

export const amount = (meaning: string, normally: number, more: More = {}) =>
  z
    .number()
    .positive()
    .default(normally)
    .register(keyInfo, { meaning, expected: 'a number above 0', ...more })

/** A part of the whole. */
export const share = (meaning: string, normally: number, more: More = {}) =>
  z
    .number()
    .min(0)
    .max(1)
    .default(normally)
    .register(keyInfo, { meaning, expected: 'a number from 0 to 1', ...more })

export const oneOf = <const Names extends readonly [string, ...string[]]>(
  meaning: string,
  names: Names,
  normally: Names[number],
  more: More = {},
) =>
  z
    .enum(names)
    .default(normally)
    .register(keyInfo, { meaning, expected: `one of ${names.join(', ')}`, ...more })

export const text = (meaning: string, normally: string, more: More = {}) =>
  z
    .string()
    .min(1)
    .default(normally)
    .register(keyInfo, { meaning, expected: 'text', ...more })

export const address = (meaning: string, normally: string, more: More = {}) =>
  z
    .url({ protocol: /^https?$/ })
    .default(normally)
    .register(keyInfo, { meaning, expected: 'an address such as https://host:4318/v1/traces', ...more })

export const optionalText = (meaning: string, more: More = {}) =>
  z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .register(keyInfo, { meaning, expected: 'text', ...more })

export const optionalWhole = (meaning: string, min: number, max: number, more: More = {}) =>
  z
    .int()
    .min(min)
    .max(max)
    .nullable()
    .default(null)
    .register(keyInfo, { meaning, expected: `a whole number from ${min} to ${max}`, ...more })

export const optionalPort = (meaning: string) =>
  z
    .int()
    .min(1)
    .max(65_535)
    .nullable()
    .default(null)
    .register(keyInfo, { meaning, expected: 'a port from 1 to 65535' })

export const texts = (meaning: string, normally: readonly string[], more: More = {}) =>
  z
    .array(z.string().min(1))
    .default([...normally])
    .register(keyInfo, { meaning, expected: 'a list of texts', ...more })

export const addressRanges = (meaning: string) =>
  z
    .array(z.string().refine(isAddressRange))
    .default([])
    .register(keyInfo, {
      meaning,
      expected: 'a list of addresses such as 192.168.1.0/24 or fd00::/8',
      ...byFile,
    })

export const hostNames = (meaning: string) =>
  z
    .array(z.string().regex(/^[^\s:/]+$/))
    .default([])
    .register(keyInfo, {
      meaning,
      expected: 'a list of names such as studio.local, without port',
      ...byFile,
    })
