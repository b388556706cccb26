import { decodeJson, faultOf } from '../protocol/json.ts'
import type { Log } from '../telemetry/log.ts'
import type { BusMessage } from './bus.ts'

/**
 * For `subscribe`: hands over what a message says. One that cannot be read is logged without its words, and goes to `onUnread`.
 * A Mac of another version says the same each second: of one fault after the other only the first is a warning.
 */
export function parsed<T>(
  schema: { readonly parse: (value: unknown) => T },
  log: Log,
  handle: (value: T, message: BusMessage) => void,
  onUnread?: (message: BusMessage) => void,
): (message: BusMessage) => void {
  let lastFault = ''
  return message => {
    let value: T
    try {
      value = schema.parse(decodeJson(message.data))
    } catch (thrown) {
      const fault = faultOf(thrown)
      const fields = { subject: message.subject, fault }
      if (fault === lastFault) log.debug('a message was refused again', fields)
      else log.warn('a message was refused', fields)
      lastFault = fault
      onUnread?.(message)
      return
    }
    handle(value, message)
  }
}
