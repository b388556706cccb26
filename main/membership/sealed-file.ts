// AES-256-GCM around the text of a file: who has not the key can neither read it nor change it unnoticed.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { z } from 'zod'

const sealedText = z.object({ nonce: z.base64(), tag: z.base64(), text: z.base64() })

export const sealedFile = z.object({ sealed: sealedText })
export type SealedFile = z.infer<typeof sealedFile>

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16
const purpose = Buffer.from('mlx-mesh mesh file 1')

/** `key`: 32 bytes. */
export function seal(text: string, key: Uint8Array): SealedFile {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(purpose)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return {
    sealed: {
      nonce: nonce.toString('base64'),
      tag: cipher.getAuthTag().toString('base64'),
      text: sealed.toString('base64'),
    },
  }
}

/** Null when it was sealed with another key, or changed. */
export function openSealed({ nonce, tag, text }: SealedFile['sealed'], key: Uint8Array): string | null {
  try {
    const options = { authTagLength: tagBytes }
    const decipher = createDecipheriv(algorithm, key, Buffer.from(nonce, 'base64'), options)
      .setAAD(purpose)
      .setAuthTag(Buffer.from(tag, 'base64'))
    return decipher.update(text, 'base64', 'utf8') + decipher.final('utf8')
  } catch {
    return null
  }
}
