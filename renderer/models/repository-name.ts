export type CheckedName = { readonly name: string; readonly problem: null } | { readonly problem: string }

const page = /^https?:\/\/(?:www\.)?huggingface\.co\//
const part = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/

/** What somebody typed or pasted as the name of a model on Hugging Face; the address of its page is as good. */
export function checkRepository(text: string): CheckedName {
  const [owner = '', model = '', ...more] = text
    .trim()
    .replace(page, '')
    .replace(/[?#].*$/, '')
    .split('/')
    .filter(Boolean)
  if (model === '')
    return { problem: 'A name has two parts: who made it, and the model, as in mlx-community/Qwen3-4B-4bit.' }
  if (more.length > 0 && !page.test(text.trim()))
    return { problem: 'A name has only one slash: ORGANIZATION/MODEL.' }
  if (!part.test(owner) || !part.test(model))
    return { problem: 'Names on Hugging Face have only letters, digits, dots, dashes and underscores.' }
  return { name: `${owner}/${model}`, problem: null }
}
