// Runs beside the page of the app's window, sandboxed, and gives it what `bridge.ts` promises.
import { contextBridge, type IpcRendererEvent, ipcRenderer } from 'electron'
import type { DesktopBridge } from './bridge.ts'
import type { Arguments, Channel, Result } from './channels.ts'
import { channelPrefix, type Tidings } from './wires.ts'

function ask<C extends Channel>(channel: C, ...args: Arguments<C>): Promise<Result<C>> {
  return ipcRenderer.invoke(channelPrefix + channel, ...args)
}

function hear<T extends keyof Tidings>(name: T, run: (told: Tidings[T]) => void): () => void {
  const listener = (_event: IpcRendererEvent, told: Tidings[T]) => run(told)
  ipcRenderer.on(channelPrefix + name, listener)
  return () => void ipcRenderer.off(channelPrefix + name, listener)
}

const bridge: DesktopBridge = {
  platform: process.platform === 'darwin' ? 'darwin' : 'linux',
  core: () => ask('core'),
  onCore: run => hear('core-state', run),
  restartCore: () => ask('restartCore'),
  settings: () => ask('settings'),
  changeSettings: change => ask('changeSettings', change),
  update: () => ask('update'),
  onUpdate: run => hear('update-state', run),
  checkForUpdates: () => ask('checkForUpdates'),
  installUpdate: () => ask('installUpdate'),
  copyText: text => ask('copyText', text),
  saveDiagnostics: () => ask('saveDiagnostics'),
  showDataFolder: () => ask('showDataFolder'),
}

contextBridge.exposeInMainWorld('mlxMesh', bridge)
