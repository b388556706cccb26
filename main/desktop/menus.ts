// The icon in the menu bar with its menu, and the application's menu, which says the same. Both are made anew when what
// they say has changed, so that a tick always says what is, and never what was clicked.
import { join } from 'node:path'
import { Menu, type MenuItemConstructorOptions, nativeImage, Tray } from 'electron'
import {
  type MenuEntry,
  type MenuSituation,
  menuEntries,
  type Order,
  type TrayState,
  trayState,
} from './menu-entries.ts'

export interface Menus {
  show(situation: MenuSituation): void
  close(): void
}

export interface MenuOptions {
  /** The folder of the icons. */
  readonly icons: string
  readonly obey: (order: Order) => void
}

const words: Readonly<Record<TrayState, string>> = {
  off: 'MLX Mesh',
  sharing: "MLX Mesh: this Mac's GPU is shared",
  busy: 'MLX Mesh: answering',
  attention: 'MLX Mesh needs attention',
}

export function openMenus({ icons, obey }: MenuOptions): Menus {
  const tray = new Tray(iconOf(icons, 'off'))
  let shownState: TrayState | null = null
  let shownEntries = ''
  let situation: MenuSituation | null = null

  return {
    show(next) {
      situation = next
      const state = trayState(next)
      if (state !== shownState) {
        shownState = state
        tray.setImage(iconOf(icons, state))
        tray.setToolTip(words[state])
      }
      const entries = menuEntries(next)
      const text = JSON.stringify(entries)
      if (text === shownEntries) return
      shownEntries = text
      make(entries)
    },
    close: () => tray.destroy(),
  }

  function make(entries: readonly MenuEntry[]): void {
    const inTray = entries.map(entry => templateOf(entry))
    tray.setContextMenu(Menu.buildFromTemplate(inTray))
    const inApplication = inTray.map(item => ({ ...item, ...keys.get(item.id ?? '') }))
    Menu.setApplicationMenu(applicationMenu(inApplication))
  }

  function templateOf(entry: MenuEntry): MenuItemConstructorOptions {
    if (entry.separator) return { type: 'separator' }
    const { id, label, order, checked, entries } = entry
    return {
      id,
      label,
      enabled: order !== null || entries !== undefined,
      ...(checked === undefined ? {} : { type: 'checkbox', checked }),
      ...(entries ? { submenu: entries.map(templateOf) } : {}),
      click: () => {
        if (order) obey(order)
        // A click ticks the entry by itself: it says again what is.
        if (checked !== undefined && situation) make(menuEntries(situation))
      },
    }
  }
}

/** Keys work while the window is open. */
const keys: ReadonlyMap<string, Pick<MenuItemConstructorOptions, 'accelerator'>> = new Map([
  ['quit', { accelerator: 'CommandOrControl+Q' }],
  ['open-settings', { accelerator: 'CommandOrControl+,' }],
])

function applicationMenu(mesh: MenuItemConstructorOptions[]): Menu {
  return Menu.buildFromTemplate([
    { label: 'MLX Mesh', id: 'mesh', submenu: mesh },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { role: 'togglefullscreen' }],
    },
    { role: 'windowMenu' },
  ])
}

/** Template images: the system colours them as its menu bar needs it. */
function iconOf(folder: string, state: TrayState) {
  const image = nativeImage.createFromPath(join(folder, `tray-${state}Template.png`))
  image.setTemplateImage(true)
  return image
}
