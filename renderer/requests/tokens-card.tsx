import type { DashboardRequestDetail } from '../../main/protocol/dashboard.ts'
import { Card } from '../ui/card.tsx'
import { percent, whole } from '../ui/format.ts'

/** How long the prompt and the answer were, and how much of the prompt the Mac knew already. */
export function TokensCard({ detail }: { readonly detail: DashboardRequestDetail }) {
  const { promptTokens, cachedTokens, tokensGenerated } = detail
  const known = Math.min(cachedTokens, promptTokens)
  const rows: [string, string, string][] = [
    ['Prompt', whole(promptTokens), ''],
    [
      'Known from before',
      whole(known),
      known === 0 ? '' : `${percent((100 * known) / promptTokens)} of the prompt needed no reading`,
    ],
    ['Answer', whole(tokensGenerated), ''],
  ]
  return (
    <Card title="Tokens">
      <dl>
        {rows.map(([name, value, note]) => (
          <div key={name} className="flex items-baseline gap-3 border-line border-t py-1.5 first:border-t-0">
            <dt className="flex-1">
              {name}
              {note !== '' && <span className="block text-muted text-xs">{note}</span>}
            </dt>
            <dd className="figures font-medium">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
