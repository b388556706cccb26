import type { Exchange } from './exchange.ts'
import { followPart, type PartListener } from './follow-part.ts'
import type { Infer, InferEvent } from './infer.ts'
import type { VectorsPlan, VectorsShape } from './plan.ts'
import type { Trace } from './traffic.ts'
import { usageOf } from './usage.ts'

/** Numbers that are written as JSON before others have their turn: a few milliseconds. */
const valuesPerTurn = 8192

/** Waits for all vectors and sends them as one JSON object. */
export async function sendVectors(
  infer: Infer,
  { parts, vectors: shape }: VectorsPlan,
  exchange: Exchange,
  trace: Trace,
): Promise<void> {
  const following = parts.map(async part => {
    const gathered = new GatheredVectors()
    await followPart(infer, part, { exchange, trace }, gathered)
    return { gathered, inputs: part.sequence.embedding?.inputs.length ?? 0 }
  })
  const written: string[] = []
  for (const { gathered, inputs } of await Promise.all(following))
    await write(written, gathered.split(inputs), shape)
  exchange.send(200, 'application/json', shape.whole(written.join(','), usageOf(trace), trace.times()))
}

async function write(written: string[], vectors: readonly Buffer[], shape: VectorsShape): Promise<void> {
  let values = 0
  for (const vector of vectors) {
    written.push(shape.vector(written.length, vector))
    values += vector.length / Float32Array.BYTES_PER_ELEMENT
    if (values < valuesPerTurn) continue
    values = 0
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** Those of one part. When another Mac takes over they begin anew. */
class GatheredVectors implements PartListener {
  #base64: string[] = []

  onStarted(): undefined {}

  onText(): undefined {}

  onVectors({ at, base64 }: Extract<InferEvent, { type: 'vectors' }>): void {
    if (at === 0) this.#base64 = []
    this.#base64.push(base64)
  }

  onDone(): void {}

  /** Each of them, all of the same length. */
  split(count: number): Buffer[] {
    const bytes = Buffer.concat(this.#base64.map(part => Buffer.from(part, 'base64')))
    const length = bytes.length / count
    return Array.from({ length: count }, (_, i) => bytes.subarray(i * length, (i + 1) * length))
  }
}
