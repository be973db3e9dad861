import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { assistant } from '../../../../src/tasks/assistant/index.ts'
import { gather } from '../../../../src/tasks/assistant/gather.ts'
import { parse } from '../../../../src/tasks/assistant/parse.ts'
import { sentences } from '../../../../src/tasks/assistant/sentences.ts'
import { mistakeOf } from '../mistake.ts'
import { kettle, kettleDocuments, kettleYaml, starweave } from './fixtures.ts'

const passages = kettle.sections.flatMap((section) => section.passages.map(({ id, text, file, line }) => ({ id, text, file, line })))
const passage = (id: string) => passages.find((each) => each.id === id)

describe('documents are cut into passages', () => {
  test('of Markdown a sentence is one, a list item is one, each with its line', () => {
    expect(passage('use/boil-lock/what')).toEqual({ id: 'use/boil-lock/what', text: 'The boil lock keeps the button down, e.g. while it boils.', file: 'use.md', line: 3 })
    expect(passage('use/boil-lock/off')).toMatchObject({ text: 'To turn it off, press `A. B` twice.' })
    expect(passage('use/boil-lock/more')).toMatchObject({ text: 'It beeps once.', line: 5 })
    expect(passage('use/boil-lock/more-2')).toMatchObject({ text: 'It glows red.', line: 6 })
  })

  test('of Elixir the documentation of a module and of each documented function, the signature and the example beside its sentences', () => {
    expect(passages.filter(({ file }) => file === 'lib/kettle.ex')).toEqual([
      { id: 'lib/kettle/kettle/what', text: 'Boils water.', file: 'lib/kettle.ex', line: 3 },
      { id: 'lib/kettle/boil-2/signature', text: 'boil(integer(), keyword()) :: :ok', file: 'lib/kettle.ex', line: 14 },
      { id: 'lib/kettle/boil-2/what', text: 'Heats the water.', file: 'lib/kettle.ex', line: 7 },
      { id: 'lib/kettle/boil-2/returns', text: 'Returns `:ok`.', file: 'lib/kettle.ex', line: 9 },
      { id: 'lib/kettle/boil-2/more', text: 'It needs 3 minutes.', file: 'lib/kettle.ex', line: 9 },
      { id: 'lib/kettle/boil-2/example', text: 'iex> Kettle.boil(90)\n:ok', file: 'lib/kettle.ex', line: 11 },
    ])
  })

  test('what is held out is no passage', () => expect(passages.filter(({ file }) => file === 'secret.md')).toEqual([]))

  test('an id stays when another passage of its section goes', () => {
    const without = kettleDocuments.map((each) => (each.file === 'use.md' ? { ...each, text: each.text.replace('- It beeps once.\n', '').replace('To turn it off, press `A. B` twice.', '') } : each))
    const changed = parse({ name: 'kettle', file: 'schemas/kettle.yaml', text: kettleYaml('', { documents: without }) })
    expect(changed.sections.find(({ id }) => id === 'use/boil-lock')!.passages.map(({ id }) => id)).toEqual(['use/boil-lock/what', 'use/boil-lock/more'])
    expect(changed.sections.find(({ id }) => id === 'use/lid-lock')!.passages.map(({ id }) => id)).toEqual(['use/lid-lock/what', 'use/lid-lock/off'])
  })

  test('the example has hundreds of them in its four groups', () => {
    expect(starweave.sections.flatMap((section) => section.passages).length).toBeGreaterThan(250)
    expect([...new Set(starweave.sections.map(({ group }) => group))].sort()).toEqual(['code_understanding', 'memory_and_context', 'pattern_recognition', 'system_interactions'])
  })

  test.each([
    ['One. Two! Three?', ['One.', 'Two!', 'Three?']],
    ['It is 0.72 by default. Use e.g. 0.9.', ['It is 0.72 by default.', 'Use e.g. 0.9.']],
    ['Set `a. B` now. Then go', ['Set `a. B` now.', 'Then go']],
    ['', []],
  ])('sentences of %j', (text, expected) => expect(sentences(text)).toEqual(expected))
})

describe('the folder of documents', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-sources-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const yaml = (named: string) => `kind: assistant\nname: x\nsources:\n  folder: ${named}\ngroups: {all: {files: [a.md]}}\nquestions: [{asks: what, takes: first, say: ["what is {topic}"]}]\n`
  const source = (named: string) => ({ name: 'x', file: 'schemas/x.yaml', text: yaml(named) })
  const told = (named: string) => mistakeOf((each) => gather(each, folder), yaml(named))

  test('what cannot be read is named and left out, the rest is kept; links are not followed', () => {
    mkdirSync(join(folder, 'some/deeper'), { recursive: true })
    writeFileSync(join(folder, 'some/a.md'), '# Apple\n\nAn apple is "red\\green".\n')
    writeFileSync(join(folder, 'some/deeper/b.txt'), 'Pear\n\nA pear is green.\n')
    writeFileSync(join(folder, 'some/latin.md'), Buffer.from([0x23, 0x20, 0xe9, 0x0a]))
    writeFileSync(join(folder, 'some/binary.txt'), Buffer.from([0x41, 0, 0x42]))
    writeFileSync(join(folder, 'some/empty.md'), ' \n')
    writeFileSync(join(folder, 'some/picture.png'), 'no text is expected here')
    symlinkSync('/etc/hostname', join(folder, 'some/link.txt'))
    const schema = parse({ ...source('some'), text: gather(source('some'), folder) })
    expect(schema.sections.map(({ id }) => id)).toEqual(['a/apple', 'deeper/b/pear'])
    expect(schema.sections[0]!.passages[0]!.text).toBe('An apple is "red\\green".')
    expect(schema.left_out).toEqual([{ file: 'binary.txt', why: 'it is no text' }, { file: 'empty.md', why: 'it holds no text' }, { file: 'latin.md', why: 'it is not UTF-8' }])
  })

  test('documents beyond a thousand are named and counted', () => {
    mkdirSync(join(folder, 'many/last'), { recursive: true })
    for (let at = 0; at < 1_250; at++) writeFileSync(join(folder, `many/${at < 1_020 ? '' : 'last/'}${String(at).padStart(4, '0')}.md`), `# Apple ${at}\n\nApple ${at} is red.\n`)
    const schema = parse({ ...source('many'), text: gather({ ...source('many'), text: yaml('many').replace('a.md', '0000.md') }, folder) })
    expect(schema.files).toHaveLength(1_000)
    expect(schema.left_out).toHaveLength(100)
    expect(schema.left_out![0]).toEqual({ file: '1000.md', why: 'at most 1,000 documents are read' })
    expect(schema.left_out!.at(-1)).toEqual({ file: 'last/1099.md', why: 'at most 1,000 documents are read', behind: 150 })
    expect(assistant.describe(schema).counts['files left out']).toBe(250)
    expect(assistant.notes!(schema).at(-1)).toBe('last/1099.md and 150 files behind it are left out: at most 1,000 documents are read.')
  })

  test('a folder that is not there is told with its place', () => expect(told('nowhere')).toBe('schemas/x.yaml:4:11: expected a folder of documents, found no "nowhere" beside the schema; make it, or name another.'))
  test('a file is no folder', () => expect(told('some/a.md')).toMatch(/^schemas\/x\.yaml:4:11: .* "some\/a\.md" is none/))
  test.each(['../elsewhere', '/etc'])('%s is not read', (named) => expect(told(named)).toMatch(/4:11: expected a folder beside the schema or in one/))

  test('a folder that a link leads to is not read, however it is written', () => {
    mkdirSync(join(folder, 'far/inner'), { recursive: true })
    writeFileSync(join(folder, 'far/inner/a.md'), '# Apple\n\nAn apple is red.\n')
    symlinkSync(join(folder, 'far'), join(folder, 'near'))
    for (const named of ['near', 'near/', 'near/inner', './near/./inner/']) expect(told(named), named).toMatch(/4:11: expected a folder .*, found (a link in|that) "/)
    expect(gather(source('./far/inner/'), folder)).toContain('An apple is red')
  })

  test.each(['"a\\0b"', 'x'.repeat(490)])('a name that no folder can have (%j) is refused with its place', (named) => expect(told(named)).toMatch(/4:11: expected a folder/))

  test('a folder without text is told with what is in it', () => {
    mkdirSync(join(folder, 'bare'))
    writeFileSync(join(folder, 'bare/a.md'), '')
    expect(told('bare')).toMatch(/4:11: expected documents with text \(\.md, .*found 1 without: a\.md \(it holds no text\)/)
  })

  test('documents without headings are told', () => {
    mkdirSync(join(folder, 'flat'))
    writeFileSync(join(folder, 'flat/a.md'), 'Just words.\n')
    expect(mistakeOf((each) => parse({ ...each, text: gather(each, folder) }), yaml('flat'))).toMatch(/4:11: expected headings with text under them, found none in 1 documents/)
  })

  test('a schema without its documents is not trained from', () => expect(mistakeOf(parse, yaml('some'))).toMatch(/4:11: expected the documents of "some" in the schema/))

  test('what is gathered once is not gathered again', () => {
    const whole = gather(source('some'), folder)
    expect(gather({ ...source('some'), text: whole }, '/nowhere')).toBe(whole)
  })
})
