import type { ModelState, ModelStatus } from '../../main/protocol/models.ts'
import { peerOrigin } from '../peer/address.ts'
import type { Mesh } from '../peer/apply-events.ts'
import { useMesh } from '../peer/mesh-store.ts'
import { Card } from '../ui/card.tsx'
import { CopyRow } from './copy-row.tsx'
import { SnippetTabs } from './snippet-tabs.tsx'
import { StepHeading } from './step-heading.tsx'

const starter = 'SmolLM2-135M-Instruct'
const starterContextTokens = 8192

/** Where the endpoint is, and what to type elsewhere. */
export function DoneStep() {
  const modelId = useMesh(mesh => modelToShow(mesh)?.modelId ?? starter)
  const contextTokens = useMesh(mesh => modelToShow(mesh)?.contextTokens ?? starterContextTokens)
  const baseUrl = `${peerOrigin()}/v1`
  return (
    <>
      <StepHeading title="Your endpoint is ready">
        Give this address to any app that speaks the OpenAI API. It stays the same, whichever of your Macs
        does the work.
      </StepHeading>
      <div className="grid gap-4">
        <Card title="Address">
          <dl className="-my-1">
            <CopyRow name="Base URL" value={baseUrl} />
            <CopyRow name="Model" value={modelId} />
          </dl>
          <p className="mt-2 text-muted">
            No key is needed on this Mac. Where an app insists on one, any text will do.
          </p>
        </Card>
        <Card title="Use it">
          <SnippetTabs baseUrl={baseUrl} modelId={modelId} contextTokens={contextTokens} />
        </Card>
      </div>
    </>
  )
}

/** What answers already, best on this Mac; or what will soon. Null: nothing yet. */
function modelToShow({ workers }: Mesh): ModelStatus | null {
  const models = workers.filter(({ status }) => status !== 'offline').flatMap(each => each.models)
  const inState = (state: ModelState) => models.find(each => each.state === state)
  return inState('ready') ?? inState('loading') ?? inState('unloaded') ?? null
}
