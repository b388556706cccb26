// A folder that electron-builder takes for Electron of a Mac: its lists of properties and a framework that is nothing but
// fuses. With it everything up to signing happens on any system.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Where tools find the fuses in a program; version 1, and how many follow, each on. */
const fuses = Buffer.concat([
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\u0001\u0008'),
  Buffer.from('11111111'),
])
const helpers = ['', ' (GPU)', ' (Plugin)', ' (Renderer)']

/** @returns what to give as `electronDist` */
export function makeStubElectron(folder: string): string {
  const contents = join(folder, 'Electron.app', 'Contents')
  const frameworks = join(contents, 'Frameworks')
  write(join(contents, 'Info.plist'), plist('Electron'))
  write(join(contents, 'MacOS', 'Electron'), '')
  write(join(contents, 'Resources', 'electron.icns'), '')
  for (const helper of helpers) {
    const name = `Electron Helper${helper}`
    write(join(frameworks, `${name}.app`, 'Contents', 'Info.plist'), plist(name))
    write(join(frameworks, `${name}.app`, 'Contents', 'MacOS', name), '')
  }
  const framework = join(frameworks, 'Electron Framework.framework')
  write(join(framework, 'Electron Framework'), fuses)
  write(join(framework, 'Versions', 'A', 'Resources', 'en.lproj', 'locale.pak'), '')
  write(join(folder, 'LICENSES.chromium.html'), '<!doctype html>')
  return folder
}

function plist(executable: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict><key>CFBundleExecutable</key><string>${executable}</string></dict></plist>`
}

function write(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
}
