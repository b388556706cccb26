import { median } from '../load/samples.ts'
import { type Peer, startPeer } from '../programs/peer.ts'
import { embeddingModelFolder } from '../programs/places.ts'
import { withTemporaryFolder } from '../programs/temporary-folder.ts'
import { atLeast } from '../report/check.ts'
import type { BenchOptions, Report } from '../report/report.ts'
import { type RawModel, startRaw } from './raw.ts'

const modelId = 'all-MiniLM-L6-v2'

interface Case {
  readonly title: string
  /** Of each request. */
  readonly texts: number
  /** At the least; on a fast machine so many that they take about `longEnoughS`. */
  readonly requests: number
  readonly atOnce: number
  /** Least texts/s against raw; null where raw has batches and the mesh's clients have none. */
  readonly target: number | null
}

const cases: readonly Case[] = [
  { title: 'requests of 32 texts, 4 at once', texts: 32, requests: 4, atOnce: 4, target: 0.9 },
  { title: 'requests of 128 texts, one after the other', texts: 128, requests: 1, atOnce: 1, target: 0.9 },
  { title: 'requests of 1 text, 32 at once', texts: 1, requests: 64, atOnce: 32, target: null },
]

const longEnoughS = 2
const rawBatch = 32

/** Both are up all the time; each figure is taken from one and then at once from the other. */
export async function benchEmbeddings({ rounds, quick }: BenchOptions): Promise<Report> {
  const ratios = await withTemporaryFolder(async home => {
    const models = { [modelId]: embeddingModelFolder }
    const peer = await startPeer({ home, place: 'anywhere', engine: 'mlx', models, load: modelId })
    const raw = await startRaw(embeddingModelFolder).catch(async error => {
      await peer.stop()
      throw error
    })
    try {
      return await measureAll(peer, raw, quick ? 1 : rounds)
    } finally {
      await Promise.all([peer.stop(), raw.stop()])
    }
  })
  return {
    notes,
    checks: cases.flatMap(({ title, target }) => {
      const what = `texts/s against the same encoder without a mesh, ${title}`
      return target === null ? [] : [atLeast(what, ratioOf(ratios, title), target, '×')]
    }),
    tables: [
      {
        title: `${modelId}, texts/s`,
        columns: ['', 'ratio', 'mesh', 'raw'],
        rows: cases.map(({ title }) => {
          const own = ratios.filter(each => each.title === title)
          const middle = (figure: 'mesh' | 'raw') => median(own.map(each => each[figure]))
          return [title, ratioOf(ratios, title), middle('mesh'), middle('raw')]
        }),
      },
    ],
  }
}

interface Measured {
  readonly title: string
  /** Texts a second. */
  readonly mesh: number
  readonly raw: number
}

function ratioOf(measured: readonly Measured[], title: string): number {
  return median(measured.filter(each => each.title === title).map(({ mesh, raw }) => mesh / raw))
}

async function measureAll(peer: Peer, raw: RawModel, rounds: number): Promise<Measured[]> {
  const measured: Measured[] = []
  const oneBatch = textsOf(rawBatch, rounds)
  const textsPerS = rawBatch / (await raw.run([oneBatch]))
  for (let round = 0; round < rounds; round++) {
    for (const each of cases) {
      const requests = Math.max(each.requests, Math.ceil((textsPerS * longEnoughS) / each.texts))
      const texts = textsOf(each.texts * requests, round)
      const ofMesh = () => runMesh(peer, each, texts)
      const ofRaw = () => raw.run(inGroups(texts, rawBatch))
      // Who goes first changes from round to round.
      let meshS: number
      let rawS: number
      if (round % 2 === 0) {
        meshS = await ofMesh()
        rawS = await ofRaw()
      } else {
        rawS = await ofRaw()
        meshS = await ofMesh()
      }
      measured.push({ title: each.title, mesh: texts.length / meshS, raw: texts.length / rawS })
      process.stderr.write(`round ${round + 1}: ${each.title}, ${(rawS / meshS).toFixed(3)} ×\n`)
    }
  }
  return measured
}

/** Seconds until all are answered, in the encoding that the official clients ask for. */
async function runMesh(peer: Peer, { texts: perRequest, atOnce }: Case, texts: readonly string[]) {
  const waiting = inGroups(texts, perRequest)
  const beganMs = performance.now()
  const client = async () => {
    for (let input = waiting.shift(); input; input = waiting.shift()) {
      const body = JSON.stringify({ model: modelId, input, encoding_format: 'base64' })
      const response = await fetch(`${peer.url}/v1/embeddings`, { method: 'POST', body })
      const answer = await response.text()
      if (response.status !== 200) throw new Error(answer)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client))
  return (performance.now() - beganMs) / 1000
}

const words = 'a quiet river runs past old houses where people talk about weather music and work'.split(' ')

/** Of 4 to 15 words, in no order of length, none twice. */
function textsOf(length: number, round: number): string[] {
  return Array.from({ length }, (_, i) => {
    const count = 3 + ((i * 7) % 12)
    return [...words.slice(0, count), String(round * 1_000_000 + i)].join(' ')
  })
}

function inGroups(texts: readonly string[], size: number): string[][] {
  return Array.from({ length: Math.ceil(texts.length / size) }, (_, i) =>
    texts.slice(i * size, (i + 1) * size),
  )
}

const notes = [
  "Raw is the runtime's own encoder and tokenizer, called in a Python process of its own with batches of 32 texts in the order in which they come; the mesh is one peer over HTTP. Both are up all the time and asked in turn; ratios are taken within a round, and their median counts.",
  'Texts have 4 to 15 words, and none comes twice. Nothing is pinned: the model takes all cores.',
]
