import { machinesMissing } from '../../test/machines/ip.ts'

/** Throws where no machines can be made. */
export function needMachines(): void {
  if (machinesMissing !== null)
    throw new Error(`this benchmark needs machines of its own: ${machinesMissing}`)
}
