import { useEffect, useRef } from 'react'
import { rememberWelcome } from '../peer/welcomed.ts'
import { Button } from '../ui/button.tsx'
import { goTo } from '../ui/location.ts'
import { DoneStep } from './done-step.tsx'
import { MeshStep } from './mesh-step.tsx'
import { ModelStep } from './model-step.tsx'
import { StepMarks } from './step-marks.tsx'
import { goToStep, steps, useStep } from './steps.ts'
import { ThisMacStep } from './this-mac-step.tsx'

const contents = [MeshStep, ModelStep, ThisMacStep, DoneStep]

/** The first run: every step can be passed over, left and come back to. */
export function WelcomeView() {
  const step = useStep()
  const Content = contents[step] ?? MeshStep
  const name = steps[step]?.name ?? ''
  const top = useRef<HTMLDivElement>(null)
  useEffect(() => {
    document.title = `Welcome: ${name} · MLX Mesh`
    top.current?.querySelector('h1')?.focus({ preventScroll: true })
    top.current?.closest('main')?.scrollTo(0, 0)
  }, [name])
  return (
    <div ref={top} className="mx-auto flex min-h-full w-full max-w-2xl flex-col p-4 pb-0 sm:p-8 sm:pb-0">
      <header className="flex items-center justify-between gap-4">
        <StepMarks current={step} />
        {step < steps.length - 1 && (
          <Button look="quiet" onClick={() => leave('/cluster')}>
            Skip
          </Button>
        )}
      </header>
      <div className="flex-1 py-6">
        <Content />
      </div>
      <footer className="sticky bottom-0 -mx-4 flex items-center justify-between gap-3 border-line border-t bg-ground px-4 py-3 sm:-mx-8 sm:px-8">
        <Button className={step === 0 ? 'invisible' : ''} onClick={() => goToStep(step - 1)}>
          Back
        </Button>
        {step < steps.length - 1 ? (
          <Button look="primary" className="min-w-28" onClick={() => goToStep(step + 1)}>
            Continue
          </Button>
        ) : (
          <div className="flex gap-2">
            <Button onClick={() => leave('/cluster')}>Open the dashboard</Button>
            <Button look="primary" onClick={() => leave('/chat')}>
              Try it
            </Button>
          </div>
        )}
      </footer>
    </div>
  )
}

function leave(path: string): void {
  void rememberWelcome()
  goTo(path)
}
