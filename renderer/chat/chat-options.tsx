import { useId } from 'react'
import { Button } from '../ui/button.tsx'
import { changeChat, useConversation } from './conversation.ts'

const usualTemperature = 0.7

/** What is said to the model before everything else, and how freely it may choose its words. */
export function ChatOptions() {
  const system = useConversation(state => state.system)
  const temperature = useConversation(state => state.temperature)
  const id = useId()
  return (
    <section
      aria-label="Options"
      className="mx-auto mb-3 grid w-full max-w-3xl gap-3 rounded-xl border border-line bg-surface p-4 sm:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]"
    >
      <div>
        <label htmlFor={`${id}-system`} className="mb-1 block font-medium">
          Instructions
        </label>
        <textarea
          id={`${id}-system`}
          rows={2}
          value={system}
          placeholder="You are a helpful assistant."
          onChange={event => changeChat({ system: event.target.value })}
          className="block w-full resize-y rounded-lg border border-line bg-surface px-2.5 py-1.5 placeholder:text-muted"
        />
      </div>
      <div>
        <label htmlFor={`${id}-temperature`} className="mb-1 block font-medium">
          Temperature
        </label>
        <div className="flex items-center gap-3">
          <input
            id={`${id}-temperature`}
            type="range"
            min={0}
            max={2}
            step={0.1}
            value={temperature ?? usualTemperature}
            onChange={event => changeChat({ temperature: Number(event.target.value) })}
            className="min-w-0 flex-1 accent-accent-fill"
          />
          <span className="figures w-10 text-right">
            {temperature === null ? 'Usual' : temperature.toFixed(1)}
          </span>
        </div>
        <p className="mt-1 flex items-center justify-between gap-2 text-muted text-xs">
          Low: the same words each time. High: surprises.
          {temperature !== null && (
            <Button
              look="quiet"
              className="min-h-6 px-1.5 py-0"
              onClick={() => changeChat({ temperature: null })}
            >
              Usual
            </Button>
          )}
        </p>
      </div>
    </section>
  )
}
