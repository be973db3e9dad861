import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src/paths.ts'
import type { Hostile } from './hostile-schemas.ts'

const real = (name: string) => readFileSync(join(packageRoot, 'schemas', `${name}.yaml`), 'utf8')
const many = (count: number, item: (i: number) => string, joiner = ', ') => Array.from({ length: count }, (_, i) => item(i)).join(joiner)
const quoted = (text: string) => JSON.stringify(text)
/** The text with one place changed; one that is not there would make a harmless case. */
function changed(text: string, place: string | RegExp, to: string): string {
  const result = text.replace(place, () => to)
  if (result === text) throw new Error(`${place} is not there to be changed`)
  return result
}
const as = (kind: string, legal: boolean | undefined, entries: [string, string][]): Hostile[] => entries.map(([name, text]) => ({ name: `${kind}: ${name}`, text, ...(legal !== undefined && { legal }) }))

const bombs = ['^(a+)+$', '^(\\w+\\s?)*$', '(x+x+)+y', '(a|a?)+$', '(?:\\d+,?)+$']
/** A file of any kind, hurt as every file may be: the reader of YAML is one, what stands behind it is not. */
const anyKind = (kind: string, text: string): Hostile[] => [
  ...as(kind, false, [
    ['nothing but its kind', `kind: ${kind}\n`],
    ['a list in itself', `${text}\nextra: &a [*a]\n`],
    ['a ring of two anchors', `${text}\nx: &a {y: *b}\nz: &b {y: *a}\n`],
    ['a billion laughs', `${text}\nb0: &b0 [${'lol,'.repeat(9)}]\n${many(9, (i) => `b${i + 1}: &b${i + 1} [${`*b${i},`.repeat(9)}]`, '\n')}\n`],
    ['the key __proto__', `${text}\n__proto__: {polluted: true}\n`],
    ['the key constructor', `${text}\nconstructor: {prototype: {polluted: true}}\n`],
    ['its kind twice', `${text}\nkind: cli\n`],
    ['60 lists deep', `${text}\nextra: ${'['.repeat(60)}${']'.repeat(60)}\n`],
    ['a key that names a fault point', `${text}\nfault: mid_write\n`],
  ]),
]

const tool = (rest: string) => `kind: tools\nname: home\ntools:\n  - name: go\n    ${rest}\n`
const parameter = (rest: string) => tool(`parameters: {type: object, properties: {it: {${rest}}}}`)
const tools = (): Hostile[] => [
  ...anyKind('tools', real('home')),
  ...as('tools', false, [
    ...bombs.map((pattern): [string, string] => [`the pattern ${pattern}`, parameter(`type: string, pattern: ${quoted(pattern)}`)]),
    ['400 patterns without end', `kind: tools\nname: home\ntools: [${many(400, (i) => `{name: t${i}, parameters: {type: object, properties: {it: {type: string, pattern: '^${i}(a+)+$'}}}}`)}]\n`],
    ['a default that keeps its pattern busy', parameter(`type: string, pattern: '^(a+)+$', default: ${'a'.repeat(60)}b`)],
    ['400 defaults that keep their patterns busy', `kind: tools\nname: home\ntools: [${many(400, (i) => `{name: t${i}, parameters: {type: object, properties: {it: {type: string, pattern: '^${i}?(a+)+$', default: ${'a'.repeat(60)}b}}}}`)}]\n`],
    ['400 tools whose references unfold to 4^7 parameters', `kind: tools\nname: home\ntools: [${many(400, (t) => `{name: t${t}, parameters: {type: object, properties: {it: {$ref: "#/$defs/d0"}}, $defs: {${many(7, (i) => `d${i}: {type: object, properties: {${many(4, (k) => `p${k}: {$ref: "#/$defs/d${i + 1}"}`)}}}`)}, d7: {type: string}}}}`)}]\n`],
    ['a pattern that is none', parameter('type: string, pattern: "("')],
    ...['#/%E0%A4%A', '#/constructor/prototype', '#/__proto__', 'file:///etc/passwd', '../../etc/passwd', 'http://127.0.0.1:1/x', '#', '#/properties/it'].map((reference): [string, string] => [`the reference ${reference}`, parameter(`$ref: ${quoted(reference)}`)]),
    ['two references in a ring', tool('parameters: {type: object, properties: {it: {$ref: "#/$defs/A"}}, $defs: {A: {type: object, properties: {b: {$ref: "#/$defs/B"}}}, B: {type: object, properties: {a: {$ref: "#/$defs/A"}}}}}')],
    ['references that unfold to 20^7 parameters', tool(`parameters: {type: object, properties: {it: {$ref: "#/$defs/d0"}}, $defs: {${many(7, (i) => `d${i}: {type: object, properties: {${many(20, (k) => `p${k}: {$ref: "#/$defs/d${i + 1}"}`)}}}`)}, d7: {type: string}}}`)],
    ['30 levels of properties', tool(`parameters: ${'{type: object, properties: {a: '.repeat(15)}{type: string}${'}}'.repeat(15)}`)],
    ['the name ../../x', tool('description: x').replace('name: go', 'name: ../../x')],
    ['the name of a device', tool('description: x').replace('name: go', 'name: /dev/zero')],
    ['a minimum beyond all numbers', parameter('type: number, minimum: 1e999')],
    ['a minimum above its maximum', parameter('type: integer, minimum: 1e300, maximum: -1e300')],
    ['lists of 10^308 items', parameter('type: array, items: {type: string}, minItems: 1e308')],
    ['501 values', parameter(`enum: [${many(501, (i) => `v${i}`)}]`)],
    ['a slot that nothing fills', tool('phrases: ["go to {constructor}"]')],
    ['synonyms of what every object has', parameter('enum: [a], value_synonyms: {toString: [x]}')],
  ]),
  ...as('tools', undefined, [
    ['a property __proto__', parameter('type: object, properties: {__proto__: {type: string}}')],
    ['a tool called constructor', tool('description: x').replace('name: go', 'name: constructor')],
    ['a phrase of 500 brackets', tool(`phrases: [${quoted('(a|'.repeat(160))}]`)],
    ['a phrase with 120 choices', tool(`phrases: [${quoted('(a|b)'.repeat(100))}]`)],
    ['integers of 300 digits', parameter(`type: integer, minimum: ${'9'.repeat(300)}`)],
    ['20 times 20 alternatives', parameter(`anyOf: [${many(20, () => `{anyOf: [${many(20, () => '{type: string}')}]}`)}]`)],
  ]),
]

const starweave = () => real('starweave')
const sources = (folder: string) => changed(starweave(), 'folder: starweave', `folder: ${folder}`)
const assistant = (): Hostile[] => [
  ...anyKind('assistant', starweave()),
  ...as('assistant', false, [
    ...['../', '../..', '/etc', '/', '/proc/self', '"starweave/../../src"', '"..\\\\.."', '"/dev/../etc"', '"a\\0b"', '""', '.git', 'x/../..', '[..]', '{a: b}', '~', '"~"', '"file:///etc"'].map((folder): [string, string] => [`the sources ${folder}`, sources(folder)]),
    ['held out beyond the sources', changed(starweave(), 'docs/vision.md', '../../../etc/passwd')],
    ['symptoms at the root', changed(starweave(), '[docs/troubleshooting.md]', '[/etc/passwd]')],
    ['a group of files that climbs', changed(starweave(), 'files: [lib]', 'files: [../lib]')],
    ['documents that are none', `${starweave()}\ndocuments: [/etc/passwd]\n`],
    ['documents from elsewhere', `${starweave()}\ndocuments: [{file: ../../etc/passwd, text: "# x"}]\n`],
    ['a slot that every object has', changed(starweave(), '"(what is|what\'s|show me', '"{constructor} (what is|what\'s|show me')],
    ['an answer by itself', changed(starweave(), 'answers: quotes', 'answers: {__proto__: free}')],
  ]),
  ...as('assistant', undefined, [['documents of one endless heading', `${starweave()}\ndocuments: [{file: docs/a.md, text: ${quoted('#'.repeat(100_000))}}]\n`], ['documents of 40,000 headings, each another', `${starweave()}\ndocuments: [{file: docs/troubleshooting.md, text: ${quoted(many(40_000, (i) => `# h${i}\nb.\n`, ''))}}]\n`], ['documents of 12,400 headings, each another', `${starweave()}\ndocuments: [{file: docs/troubleshooting.md, text: ${quoted(many(12_400, (i) => `# h${i}\nb.\n`, ''))}}]\n`], ['documents of 50,000 headings', `${starweave()}\ndocuments: [{file: docs/a.md, text: ${quoted('# a\nb.\n'.repeat(50_000))}}]\n`], ['documents of nested quotes', `${starweave()}\ndocuments: [{file: lib/a.ex, text: ${quoted('@doc """\n'.repeat(20_000))}}]\n`]]),
]

const tamarind = () => real('tamarind')
const workflow = (): Hostile[] => [
  ...anyKind('workflow', tamarind()),
  ...as('workflow', false, [
    ['an action named ../x', changed(tamarind(), 'name: read_csv', 'name: ../read_csv')],
    ['a version beyond all numbers', changed(tamarind(), 'version: 1', 'version: 1e308')],
    ['a version of 400 digits', changed(tamarind(), 'version: 1', `version: ${'9'.repeat(400)}`)],
    ['a fact of 1,900 brackets', changed(tamarind(), 'means: "row_count > {n}"', `means: ${quoted('('.repeat(1_900))}`)],
    ['a fact 900 times denied', changed(tamarind(), 'means: "row_count > {n}"', `means: ${quoted('not '.repeat(240))}`)],
    ['a fact of 900 signs', changed(tamarind(), 'means: "row_count > {n}"', `means: ${quoted(`${'-'.repeat(900)}1`)}`)],
    ['a fact that calls what every object has', changed(tamarind(), 'means: "row_count > {n}"', 'means: "constructor(1)"')],
    ['a fact with an open quote', changed(tamarind(), 'means: "row_count > {n}"', 'means: "\'aaaa"')],
    ['a check named like a member of every object', changed(tamarind(), 'is: variables_declared', 'is: constructor')],
    ['a check that is a list', changed(tamarind(), '{ is: variables_declared }', '{ is: [variables_declared] , x: [] }')],
    ['metadata named to climb', changed(tamarind(), '  file_format:\n', '  ../../file_format:\n')],
    ['an extension that climbs', changed(tamarind(), 'extension: csv', 'extension: ../csv')],
    ['a phrase with 600 open brackets', changed(tamarind(), '"[read|load|open|import|parse|get|', `"${'['.repeat(600)}[read|load|open|import|parse|get|`)],
    ['an operation of another program', changed(tamarind(), 'operation: read', 'operation: child_process.exec')],
  ]),
]

const batches = () => real('email-batches')
const analysis = (): Hostile[] => [
  ...anyKind('analysis', batches()),
  ...as('analysis', false, [
    ...bombs.map((pattern): [string, string] => [`a line that ends the mail by ${pattern}`, changed(batches(), "- '^[ ]*>'", `- ${quoted(pattern)}`)]),
    ['a value by a pattern without end', changed(batches(), "patterns: ['PO[- ]?\\d{2,8}(?![-/]\\d)']", "patterns: ['^(\\d+)*x$']")],
    ['200 lines by patterns without end', changed(batches(), "- '^[ ]*>'", many(95, (i) => `- '^${i}(a+)+$'`, '\n    '))],
    ['600 values by patterns without end', changed(batches(), /^entities:$/m, `entities:\n${many(18, (i) => `  - { name: bomb${i}, description: x, made: date, patterns: [${many(20, (k) => `'^${i}x${k}(a+)+$'`)}] }`, '\n')}`)],
    ['what is left out by a pattern of 10,000 characters', changed(batches(), "- '^[ ]*>'", `- '${'a?'.repeat(5_000)}'`)],
    ['a pattern that is none', changed(batches(), "- '^[ ]*>'", "- '('")],
    ['an entity named ../x', changed(batches(), '{ name: order, description: number', '{ name: ../order, description: number')],
    ['a priority named __proto__', changed(batches(), '- name: normal', '- name: __proto__')],
    ['mails without number', changed(batches(), 'mails: 4', 'mails: .inf')],
    ['10^300 mails', changed(batches(), 'mails: 4', 'mails: 1e300')],
    ['a batch of less than nothing', changed(batches(), 'longest: 900', 'longest: -900')],
    ['a mask of a megabyte', changed(batches(), "'PO-####'", `'${'#'.repeat(900_000)}'`)],
    ['a search without end', `${batches()}\ntraining_config: {model: x, hyperparameters: {learning_rate: [.inf, 1e999]}}\n`],
    ['a search over what every object has', `${batches()}\ntraining_config: {model: x, hyperparameters: {constructor: [1]}}\n`],
    ['an environment for the trainer', `${batches()}\ntraining_config: {model: x, hyperparameters: {}, env: {CLITRON_FAULT: mid_write}}\n`],
    ['a state that is nowhere', changed(batches(), 'nothing_asked: true', 'states: [../../etc]')],
  ]),
]

const control = () => real('claude-control')
const recovery = (): Hostile[] => [
  ...anyKind('recovery', control()),
  ...as('recovery', false, [
    ...bombs.map((pattern): [string, string] => [`a parameter of the pattern ${pattern}`, changed(control(), 'name: {type: string, format: name, synonyms: [named', `name: {type: string, pattern: ${quoted(pattern)}, format: name, synonyms: [named`)]),
    ['120 parameters of patterns without end', changed(control(), 'name: {type: string, format: name, synonyms: [named', `${many(120, (i) => `p${i}: {type: string, pattern: '^${i}(a+)+$'}`, '\n        ')}\n        name: {type: string, format: name, synonyms: [named`)],
    ['a slot of a pattern without end', changed(control(), 'slots: {role: {enum: [admin, operator]}}', "slots: {role: {type: string, pattern: '^(a+)+$'}}")],
    ['a slot that refers to a file', changed(control(), 'slots: {role: {enum: [admin, operator]}}', 'slots: {role: {$ref: "../../etc/passwd"}}')],
    ['a slot that refers to half a character', changed(control(), 'slots: {role: {enum: [admin, operator]}}', 'slots: {role: {$ref: "#/%C3"}}')],
    ['a command named ../x', changed(control(), 'command_type: start_session', 'command_type: ../start_session')],
    ['a step named __proto__ that others take', changed(control(), '{step: check_path,', '{step: __proto__,')],
    ['a cause at a place that climbs', changed(control(), /at: \[\w+/, 'at: ["../../etc/passwd", read_file')],
    ['a context named to climb', changed(control(), 'state.session:', '"state.../session":')],
    ['a context of every object', changed(control(), 'state.session:', 'constructor.prototype:')],
    ['10^400 attempts', changed(control(), 'most: 5,', 'most: 1e400,')],
    ['a rate of training that is none', changed(control(), /learning_rate: [\d.e-]+/, 'learning_rate: .nan')],
    ['10^300 epochs', changed(control(), /total_epochs: \d+/, 'total_epochs: 1e300')],
    ['999999999999 steps', changed(control(), /duration: \d+_steps/, 'duration: 999999999999_steps')],
    ['a frame without its message', changed(control(), /^message_frames:$/m, 'message_frames:\n  - "{constructor}"')],
    ['a name of 100,000 characters', changed(control(), 'name: Claude Control', `name: ${'x'.repeat(100_000)}`)],
  ]),
]

/** The kinds of task beside command lines. */
export const kindGroups: Record<string, Hostile[]> = { tools: tools(), assistant: assistant(), workflow: workflow(), analysis: analysis(), recovery: recovery() }
