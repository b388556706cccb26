import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createCatalog } from '../../main/engine/catalog.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'models of a mesh '))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(path: string, content: unknown): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
}

function writeModel(id: string, config: unknown = { max_position_embeddings: 4096 }): void {
  write(`${id}/config.json`, config)
  write(`${id}/model.safetensors`, '12345')
  write(`${id}/tokenizer.json`, '{}')
}

async function scan(...roots: string[]) {
  const catalog = createCatalog(roots.length > 0 ? roots : [root])
  await catalog.rescan()
  return catalog
}

describe('the models on a disk', () => {
  it('are named by their folder, with or without an organisation, and described', async () => {
    writeModel('plain')
    writeModel('org/name')
    write('org/notes.txt', 'not a model')
    writeModel('plain/original')
    const { models, broken } = await scan()
    expect([...models.keys()].sort()).toEqual(['org/name', 'plain'])
    expect(models.get('plain')).toEqual({
      modelId: 'plain',
      folder: join(root, 'plain'),
      fingerprint: expect.stringMatching(/^[\w-]{16}$/),
      sizeBytes: 5,
      contextTokens: 4096,
      createdAtMs: Math.floor(statSync(join(root, 'plain/config.json')).mtimeMs),
    })
    expect(broken).toEqual([])
  })

  it('are told apart by what decides about tokens, not by their names', async () => {
    writeModel('one')
    writeModel('same')
    writeModel('other', { max_position_embeddings: 4096, rope_theta: 1 })
    writeModel('trained')
    write('trained/model.safetensors', '12354')
    write('same/README.md', 'about it')
    write('same/._config.json', 'what a Mac leaves on other disks')
    const { models } = await scan()
    const fingerprint = (id: string) => models.get(id)?.fingerprint
    expect(fingerprint('same')).toBe(fingerprint('one'))
    expect(fingerprint('other')).not.toBe(fingerprint('one'))
    expect(fingerprint('trained')).not.toBe(fingerprint('one'))
  })

  it.each([
    {
      title: 'of a vision model, in its text part',
      config: { text_config: { n_positions: 77 } },
      tokens: 77,
    },
    { title: 'that is not said', config: {}, tokens: 8192 },
    { title: 'that makes no sense', config: { max_position_embeddings: 'long' }, tokens: 8192 },
  ])('have a context $title', async ({ config, tokens }) => {
    writeModel('m', config)
    expect((await scan()).models.get('m')?.contextTokens).toBe(tokens)
  })

  it('that make embeddings have the context that they were made for', async () => {
    writeModel('m', { max_position_embeddings: 512, model_type: 'bert' })
    write('m/sentence_bert_config.json', { max_seq_length: 256 })
    expect((await scan()).models.get('m')?.contextTokens).toBe(256)
  })

  it('may be links to folders elsewhere', async () => {
    writeModel('elsewhere/deep/real')
    mkdirSync(join(root, 'models'))
    symlinkSync(join(root, 'elsewhere/deep/real'), join(root, 'models/linked'))
    expect([...(await scan(join(root, 'models'))).models.keys()]).toEqual(['linked'])
  })

  it('are the first of two with the same name', async () => {
    writeModel('one/m')
    writeModel('two/m')
    const { models } = await scan(join(root, 'one'), join(root, 'two'))
    expect(models.get('m')?.folder).toBe(join(root, 'one/m'))
  })

  it('are none where there is no folder', async () => {
    expect((await scan(join(root, 'missing'))).models.size).toBe(0)
  })
})

describe('a folder that cannot be a model', () => {
  it.each([
    { title: 'without weights', files: { 'config.json': '{}', 'tokenizer.json': '' }, why: /no weights/ },
    {
      title: 'without a tokenizer',
      files: { 'config.json': '{}', 'a.safetensors': '' },
      why: /no tokenizer/,
    },
    {
      title: 'with a damaged config.json',
      files: { 'config.json': '{', 'tokenizer.json': '', 'a.safetensors': '' },
      why: /config.json cannot be read: .*JSON/,
    },
    {
      title: 'with a list as config.json',
      files: { 'config.json': '[]', 'tokenizer.json': '', 'a.safetensors': '' },
      why: /config.json does not have the expected form/,
    },
    {
      title: 'with half of its weights',
      files: {
        'config.json': '{}',
        'tokenizer.json': '',
        'a.safetensors': '',
        'model.safetensors.index.json': '{"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}',
      },
      why: /1 of its 2 weight files are missing, the first is b.safetensors/,
    },
  ])('is reported with the reason: one $title', async ({ files, why }) => {
    writeModel('good')
    for (const [name, content] of Object.entries(files)) write(`bad/${name}`, content)
    const { models, broken } = await scan()
    expect([...models.keys()]).toEqual(['good'])
    expect(broken).toEqual([
      { modelId: 'bad', folder: join(root, 'bad'), reason: expect.stringMatching(why) },
    ])
  })
})

describe('looking again', () => {
  it('finds what has come, what has gone and what has been mended', async () => {
    writeModel('stays')
    writeModel('goes')
    write('mended/config.json', {})
    const catalog = await scan()
    const before = catalog.models.get('stays')
    rmSync(join(root, 'goes'), { recursive: true })
    writeModel('mended')
    await catalog.rescan()
    expect([...catalog.models.keys()].sort()).toEqual(['mended', 'stays'])
    expect(catalog.models.get('stays')).toBe(before)
    expect(catalog.broken).toEqual([])
  })
})
