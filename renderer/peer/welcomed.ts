// The welcome opens by itself in the app's window, until it has been gone through or left once.
import { goTo } from '../ui/location.ts'

export async function welcomeNewcomer(): Promise<void> {
  const settings = await window.mlxMesh?.settings()
  // A window that was opened for a certain screen shows it.
  if (settings && !settings.welcomed && window.location.hash.length <= 2) goTo('/welcome')
}

export async function rememberWelcome(): Promise<void> {
  await window.mlxMesh?.changeSettings({ welcomed: true })
}
