import { useMesh } from '../peer/mesh-store.ts'
import { Card } from '../ui/card.tsx'
import { unknown, whole } from '../ui/format.ts'

/** What the Mac is, and what it may do. */
export function MacHardware({ workerId }: { readonly workerId: string }) {
  const worker = useMesh(({ workers }) => workers.find(each => each.workerId === workerId))
  const version = useMesh(({ self }) => (self.workerId === workerId ? self.version : null))
  if (!worker) return null
  const { hardware, capabilities, priority, metrics } = worker
  const rows: [string, string][] = [
    ['Chip', hardware.chipModel],
    ['GPU', hardware.gpuCores === 0 ? unknown : `${hardware.gpuCores} cores`],
    ['CPU', sayCores(hardware)],
    ['Memory', `${Math.round(hardware.unifiedMemoryGB)} GB`],
    ['For models', `up to ${capabilities.availableMemoryGB.toFixed(1)} GB`],
    ['System', hardware.osVersion],
    ['Metal', hardware.metalVersion ?? unknown],
    ...(version === null ? [] : [['MLX Mesh', version] satisfies [string, string]]),
    ['Model sizes', capabilities.supportedModelTiers.join(', ') || unknown],
    ['Requests at once', `up to ${whole(capabilities.maxConcurrent)}`],
    ['Priority', `${whole(priority)} of 100`],
    ['Requests answered', metrics ? whole(metrics.totalRequestsHandled) : unknown],
  ]
  return (
    <Card title="Hardware">
      <table className="figures w-full text-left">
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name} className="border-line border-t first:border-t-0">
              <th scope="row" className="w-44 py-1.5 pr-4 align-top font-normal text-muted">
                {name}
              </th>
              <td className="break-words py-1.5">{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}

interface Cores {
  readonly cpuCores: number
  readonly performanceCores: number
  readonly efficiencyCores: number
}

function sayCores({ cpuCores, performanceCores, efficiencyCores }: Cores): string {
  if (performanceCores === 0 || efficiencyCores === 0) return `${cpuCores} cores`
  return `${cpuCores} cores: ${performanceCores} for performance, ${efficiencyCores} for efficiency`
}
