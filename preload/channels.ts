// What goes between the page's side and the app: one channel for each method of the bridge that answers. The app checks
// arguments and results by this table; the page's side only takes its types, so no checks travel into the window.
import { z } from 'zod'
import type { DesktopBridge } from './bridge.ts'

/** The methods that answer; the others tell. */
export type Channel = {
  [K in keyof DesktopBridge]: DesktopBridge[K] extends (...args: never[]) => Promise<unknown> ? K : never
}[keyof DesktopBridge]

export type Arguments<C extends Channel> = Parameters<DesktopBridge[C]>
export type Result<C extends Channel> = Awaited<ReturnType<DesktopBridge[C]>>

export type Table = {
  readonly [C in Channel]: { readonly args: z.ZodType<Arguments<C>>; readonly result: z.ZodType<Result<C>> }
}

const longestText = 1_000_000

const coreState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('starting') }),
  z.object({ state: z.literal('running'), peer: z.object({ url: z.string(), token: z.string() }) }),
  z.object({ state: z.literal('restarting'), reason: z.string() }),
  z.object({ state: z.literal('failed'), reason: z.string() }),
])

const updateState = z.discriminatedUnion('state', [
  z.object({ state: z.enum(['idle', 'checking', 'current']) }),
  z.object({ state: z.literal('downloading'), percent: z.number() }),
  z.object({ state: z.literal('ready'), version: z.string() }),
  z.object({ state: z.literal('failed'), reason: z.string() }),
  z.object({ state: z.literal('unavailable'), reason: z.string() }),
])

const appSettings = z.strictObject({ openAtLogin: z.boolean(), welcomed: z.boolean() })

/** `exactPartial`: a key that is there has a value. */
const change = z.strictObject({
  openAtLogin: z.boolean().exactOptional(),
  welcomed: z.boolean().exactOptional(),
})

const nothing = z.tuple([])

export const channels: Table = {
  core: { args: nothing, result: coreState },
  restartCore: { args: nothing, result: z.void() },
  settings: { args: nothing, result: appSettings },
  changeSettings: { args: z.tuple([change]), result: appSettings },
  update: { args: nothing, result: updateState },
  checkForUpdates: { args: nothing, result: z.void() },
  installUpdate: { args: nothing, result: z.void() },
  copyText: { args: z.tuple([z.string().max(longestText)]), result: z.void() },
  saveDiagnostics: { args: nothing, result: z.string().nullable() },
  showDataFolder: { args: nothing, result: z.void() },
}
