import { expect, test } from 'vitest'
import { parse } from '../../../../src/tasks/tools/parse.ts'
import { mistakeOf } from '../mistake.ts'
import { home, shop } from './fixtures.ts'

const mistake = (text: string) => mistakeOf(parse, text)
/** In line 5, column 17, on. */
const withParameters = (text: string) => mistake(`kind: tools\nname: x\ntools:\n  - name: t\n    parameters: ${text}\n`)
const withProperty = (text: string) => withParameters(`{type: object, properties: {a: ${text}}}`)

test('the real schema is read, with nested objects, lists and numbers', () => {
  const { tools } = home()
  expect(tools.length).toBeGreaterThanOrEqual(10)
  expect(new Set(tools.flatMap(({ parameters }) => parameters.map(({ node }) => node.shape.kind)))).toEqual(new Set(['choice', 'number', 'object', 'text', 'list']))
})

test('references within the parameters are what they refer to', () => {
  const [lines, to] = shop.tools[1]!.parameters
  expect(lines!.node.shape).toMatchObject({ kind: 'list', items: { shape: { kind: 'object', properties: [{ name: 'item', required: true }, { name: 'count', required: false }] } } })
  expect(to!.node.shape).toMatchObject({ properties: [{ name: 'name' }, { name: 'address', node: { shape: { properties: [{ name: 'street' }, { name: 'zip', required: true }] } } }] })
})

test.each([
  ['broken YAML', 'kind: tools\nname: "x', /^schemas\/x\.yaml:2:\d+: expected YAML/],
  ['a list', '- a', /expected a map with the keys "kind", "name" and "tools"/],
  ['no tools', 'kind: tools\nname: x\ntools: []', /^schemas\/x\.yaml:3:8: expected at least 1 of "tools"/],
  ['an unknown key', 'kind: tools\nname: x\ntols: []', /:3:1: .*found "tols"; did you mean "tools"\?/m],
  ['a name with a space', 'kind: tools\nname: x\ntools: [{name: do it}]', /:3:16: expected "name" to be letters.*found "do it"/],
  ['a tool twice', 'kind: tools\nname: x\ntools: [{name: a}, {name: a}]', /:3:27: expected every tool once, found a second "a"/],
  ['a slot that leads nowhere', 'kind: tools\nname: x\ntools: [{name: a, phrases: ["go to {plce}"], parameters: {type: object, properties: {place: {type: string}}}}]', /:3:29: .*found \{plce\}; did you mean "place"\?/],
  ['an implied value that is none', 'kind: tools\nname: x\ntools: [{name: a, phrases: [{say: all, parameters: {n: many}}], parameters: {type: object, properties: {n: {type: integer}}}}]', /:3:56: expected "n" to be an integer, found "many"/],
])('%s is refused with its place', (_, text, message) => expect(mistake(text)).toMatch(message))

test.each([
  ['{type: strin}', /found "strin"/],
  ['{typ: string}', /:5:49: .*found "typ"; did you mean "type"\?/],
  ['{enum: [a, b, a]}', /:5:62: expected every value once, found a second "a"/],
  ['{enum: [a, b], default: c}', /:5:72: expected a default that is "a" or "b", found "c"/],
  ['{type: integer, default: 1.5}', /expected a default that is an integer, found 1.5/],
  ['{type: integer, minimum: 5, maximum: 1}', /expected a maximum of at least 5, found 1/],
  ['{type: string, pattern: "("}', /expected a regular expression/],
  ['{type: string, pattern: "^(a+)+$"}', /expected a pattern that decides quickly/],
  ['{enum: [a], value_synonyms: {b: [c]}}', /expected synonyms of "a", found some of "b"/],
  ['{type: object, properties: {b: {type: string}}, required: [c]}', /expected the name of a property, found "c"/],
  ['{$ref: "#/$defs/Nope"}', /expected a reference within these parameters, which define nothing under \$defs, found "#\/\$defs\/Nope"/],
  ['{$ref: "other.json"}', /expected a reference within these parameters/],
  ['{type: array, items: {type: array, minItems: 3, maxItems: 1}}', /expected room for a list/],
])('a parameter as %s is refused with its place', (text, message) => expect(withProperty(text)).toMatch(message))

test('a reference that leads back to itself is refused, with its way', () => {
  const tree = '{type: object, properties: {root: {$ref: "#/$defs/node"}}, $defs: {node: {type: object, properties: {child: {$ref: "#/$defs/node"}}}}}'
  expect(withParameters(tree)).toMatch(/:5:\d+: expected parameters that come to an end, found "#\/\$defs\/node", which leads back to itself \(#\/\$defs\/node → #\/\$defs\/node\)/)
  expect(withProperty('{$ref: "#"}')).toMatch(/leads back to itself/)
})

test('what refers to itself through anchors is refused', () => expect(withProperty('&a {properties: {b: *a}}')).toMatch(/alias/))
