// The steps of the welcome; which one is shown stands in the address, so that a reload goes on there.
import { goTo, usePlace } from '../ui/location.ts'

export const steps = [
  { id: 'mesh', name: 'Your Macs' },
  { id: 'model', name: 'A model' },
  { id: 'mac', name: 'This Mac' },
  { id: 'done', name: 'Done' },
] as const

export function useStep(): number {
  const asked = usePlace().query.get('step')
  return Math.max(
    0,
    steps.findIndex(({ id }) => id === asked),
  )
}

export function goToStep(index: number): void {
  const step = steps[index]
  if (step) goTo(`/welcome?step=${step.id}`)
}
