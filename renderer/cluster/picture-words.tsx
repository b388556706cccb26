// What is written at a Mac of the picture; readable also where a line goes behind it.
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { readyModels, sayState, shortChip } from '../macs/describe-mac.ts'
import { cutText } from '../ui/cut-text.ts'

export interface PictureWordsProps {
  readonly worker: DashboardWorker
  readonly isSelf: boolean
  /** From the middle of the disc to the line of words that is nearest. */
  readonly place: { readonly above: number } | { readonly below: number }
}

const lineHeight = 15
const longest = { name: 19, ownName: 12, shortName: 12, model: 21 }
const halo = { textAnchor: 'middle', strokeWidth: 4, paintOrder: 'stroke' } as const
const smallText = 'stroke-surface text-[11px]'
const inks = { good: 'fill-muted', fair: 'fill-fair', bad: 'fill-bad', idle: 'fill-muted' }

/** Its name, its chip or what is the matter with it, and what it serves. */
export function PictureWords({ worker, isSelf, place }: PictureWordsProps) {
  const [model, ...more] = readyModels(worker)
  const { tone, word } = sayState(worker)
  const second = tone === 'good' ? shortChip(worker.hardware.chipModel) : word
  const lines = model === undefined ? 2 : 3
  const y = 'below' in place ? place.below : -place.above - (lines - 1) * lineHeight
  return (
    <>
      <PictureName y={y} isSelf={isSelf} worker={worker} />
      <text y={y + lineHeight} className={`${smallText} ${inks[tone]}`} {...halo}>
        {second}
      </text>
      {model !== undefined && (
        <text y={y + 2 * lineHeight} className={`${smallText} fill-muted`} {...halo}>
          {cutText(model, longest.model)}
          {more.length > 0 && ` +${more.length}`}
        </text>
      )}
    </>
  )
}

export interface PictureNameProps {
  readonly worker: DashboardWorker
  readonly y: number
  readonly isSelf: boolean
  readonly isShort?: boolean
}

export function PictureName({ worker, y, isSelf, isShort = false }: PictureNameProps) {
  const ink = worker.status === 'offline' ? 'fill-muted' : 'fill-text'
  const size = isShort ? 'text-[10.5px]' : 'font-medium text-[13px]'
  return (
    <text y={y} {...halo} className={`stroke-surface ${ink} ${size}`}>
      {isShort ? shortName(worker.hostname, isSelf) : longName(worker.hostname, isSelf)}
    </text>
  )
}

function longName(name: string, isSelf: boolean): string {
  return isSelf ? `${isolated(cutText(name, longest.ownName))} · this Mac` : cutText(name, longest.name)
}

/** Keeps the end, where Macs of one kind are numbered. */
function shortName(name: string, isSelf: boolean): string {
  if (isSelf) return 'This Mac'
  const number = /[^\d]?\d{1,3}$/.exec(name)?.[0] ?? ''
  const begun = cutText(name.slice(0, name.length - number.length), longest.shortName - number.length)
  return `${begun}${number}`
}

/** A name that is written from right to left leaves what stands beside it where it is. */
function isolated(name: string): string {
  return `\u2068${name}\u2069`
}
