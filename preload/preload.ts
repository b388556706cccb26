// Runs beside the page of the app's window, sandboxed, and gives it what `bridge.ts` promises.
import { contextBridge } from 'electron'

contextBridge.exposeInMainWorld('mlxMesh', {})
