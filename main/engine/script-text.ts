import { MeshError } from '../protocol/errors.ts'
import { defaultScript, type Script } from './scripted-engine.ts'

/** Speed of the scripted engine when nothing is said: that of a small model on a laptop. */
const laptop: Script = { ...defaultScript, tokensPerSecond: 50, loadMs: 500 }

/**
 * `tokensPerSecond=340,loadMs=2000`: what follows the colon in `--engine scripted:…`. Throws MeshError('INVALID_REQUEST')
 * that names the part which is wrong.
 */
export function parseScript(text: string): Script {
  const script = { ...laptop }
  for (const part of text.split(',').filter(each => each !== '')) {
    const [name, value] = part.split('=', 2)
    if (name === 'failLoad' && value) script.failLoad = value
    else if (isNumeric(name) && value && Number(value) >= 0) script[name] = Number(value)
    else throw unusable(part)
  }
  return script
}

const numeric = [
  'tokensPerSecond',
  'loadMs',
  'atOnce',
  'answerTokens',
  'crashAfterTokens',
  'hangAfterTokens',
] as const

function isNumeric(name: string | undefined): name is (typeof numeric)[number] {
  return numeric.some(known => known === name)
}

function unusable(part: string): MeshError {
  const names = numeric.map(name => `${name}=NUMBER`).join(', ')
  return new MeshError(
    'INVALID_REQUEST',
    `--engine scripted: "${part}" is none of ${names}, failLoad=REASON.`,
  )
}
