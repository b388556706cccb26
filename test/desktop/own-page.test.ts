import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isLinked } from '../../main/desktop/linked.ts'
import { answerPage, isOwnPage } from '../../main/desktop/own-page.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

function aPage(): string {
  const top = makeTempFolder()
  const folder = join(top, 'page')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(top, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'index.html'), '<p>')
  writeFileSync(join(folder, 'assets', 'a b.js'), 'run()')
  writeFileSync(join(folder, 'notes.sqlite'), 'x')
  symlinkSync(join(top, 'secret.txt'), join(folder, 'link.txt'))
  return folder
}

test('the page and its parts are served with their types', () => {
  const folder = aPage()
  const page = answerPage(folder, 'app://mlx-mesh/#/settings', null)
  expect([page.status, page.headers['content-type'], page.body.toString()]).toEqual([
    200,
    'text/html; charset=utf-8',
    '<p>',
  ])
  expect(answerPage(folder, 'app://mlx-mesh/assets/a%20b.js?v=1', null).body.toString()).toBe('run()')
})

test.each([
  'app://mlx-mesh/../secret.txt',
  'app://mlx-mesh/%2e%2e/secret.txt',
  'app://mlx-mesh/..%2fsecret.txt',
  'app://mlx-mesh/assets/..%2f..%2fsecret.txt',
  'app://mlx-mesh//etc/passwd',
  'app://mlx-mesh/link.txt',
  'app://mlx-mesh/notes.sqlite',
  'app://mlx-mesh/assets',
  'app://mlx-mesh/%00',
  'app://mlx-mesh/%zz',
  'app://elsewhere/index.html',
  'file:///etc/passwd',
])('nothing but the page can be asked for: %s', url => {
  expect(answerPage(aPage(), url, null).status).toBe(404)
})

test('the page may run its own scripts only, and talk to the peer alone', () => {
  const policy = answerPage(aPage(), 'app://mlx-mesh/', 'http://10.0.0.2:8080').headers[
    'content-security-policy'
  ]
  expect(policy).toContain("default-src 'none'; script-src 'self';")
  expect(policy).toContain(
    "connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:* http://10.0.0.2:8080 ws://10.0.0.2:8080;",
  )
  expect(policy).not.toContain('unsafe')
})

test('only the page of the app is its own', () => {
  expect(isOwnPage('app://mlx-mesh/#/chat')).toBe(true)
  for (const url of ['app://mlx-mesh.evil/', 'https://mlx-mesh/', 'about:blank', 'x', 'app://mlx-mesh@evil/'])
    expect(isOwnPage(url)).toBe(false)
})

test('only model cards open in the browser', () => {
  expect(isLinked('https://huggingface.co/mlx-community/x')).toBe(true)
  for (const url of [
    'http://huggingface.co/',
    'https://huggingface.co.evil.example/',
    'https://evil@huggingface.co/',
    'https://huggingface.co:8443/',
    'file:///etc/passwd',
    'x',
  ])
    expect(isLinked(url)).toBe(false)
})
