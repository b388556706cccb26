import { decodeJson, faultOf } from '../protocol/json.ts'
import type { Log } from '../telemetry/log.ts'
import type { BusMessage } from './bus.ts'

/** For `subscribe`: hands over what a message says. One that cannot be read is logged without its words, and goes to `onUnread`. */
export function parsed<T>(
  schema: { readonly parse: (value: unknown) => T },
  log: Log,
  handle: (value: T, message: BusMessage) => void,
  onUnread?: (message: BusMessage) => void,
): (message: BusMessage) => void {
  return message => {
    let value: T
    try {
      value = schema.parse(decodeJson(message.data))
    } catch (thrown) {
      log.warn('a message was refused', { subject: message.subject, fault: faultOf(thrown) })
      onUnread?.(message)
      return
    }
    handle(value, message)
  }
}
