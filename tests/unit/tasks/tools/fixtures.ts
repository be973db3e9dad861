import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { packageRoot } from '../../../../src/paths.ts'
import type { Json } from '../../../../src/tasks/tools/json.ts'
import type { Node, Property } from '../../../../src/tasks/tools/node.ts'
import { parse } from '../../../../src/tasks/tools/parse.ts'
import type { ToolsSchema } from '../../../../src/tasks/tools/schema.ts'
import { problemOf } from '../../../../src/tasks/tools/values.ts'

export const home = (): ToolsSchema => {
  const file = 'schemas/home.yaml'
  return parse({ name: 'home', file, text: readFileSync(join(packageRoot, file), 'utf8') })
}

/** Every shape that a parameter can have. */
export const shop = parse({
  name: 'shop',
  file: 'schemas/shop.yaml',
  text: `
kind: tools
name: shop
description: A shop for everything
tools:
  - name: find_items
    description: Find items
    synonyms: [look for things]
    parameters:
      type: object
      properties:
        text: {type: string, examples: [red shoes]}
        sort: {enum: [price, name, age], default: price, value_synonyms: {age: [newest first]}}
        limit: {type: integer, default: 10, minimum: 1}
        price: {type: object, properties: {least: {type: number}, most: {type: number}}, minProperties: 1}
        tags: {type: array, items: {type: string}, uniqueItems: true}
        sold: {type: boolean}
        exact: {type: boolean, default: false, synonyms: [exactly]}
  - name: order_items
    description: Order items
    phrases: ["(order|buy) {lines}", {say: gift for mom, parameters: {to: {name: mom}, lines: [{item: gift}]}}]
    parameters:
      type: object
      properties:
        lines: {type: array, minItems: 1, items: {$ref: '#/$defs/line'}}
        to: {type: object, properties: {name: {type: string}, address: {$ref: '#/$defs/address'}}, required: [name]}
        note: {type: [string, 'null'], default: null}
        pay: {anyOf: [{const: card}, {type: integer}]}
        extras: {type: object, additionalProperties: {type: string}}
      required: [lines]
      $defs:
        line: {type: object, properties: {item: {type: string}, count: {type: integer, default: 1}}, required: [item]}
        address: {type: object, properties: {street: {type: string}, zip: {type: string, pattern: '^[0-9]{5}$'}}, required: [zip]}
  - name: cancel_order
    description: Cancel an order
    parameters: {type: object, properties: {number: {type: integer}}, required: [number]}
  - name: open_cart
    description: Open the cart
`,
})

export const call = (name: string, parameters: Record<string, unknown> = {}) => JSON.stringify({ name, parameters })
export const asked = (message: string, ...names: string[]) => JSON.stringify({ type: 'clarification', message, suggestions: names.map((command) => ({ label: command, command })) })

const text = fc.oneof(fc.stringMatching(/^[a-zA-Z0-9_./@:=,{}[\]-]{1,20}$/), fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }), fc.constantFrom('"q"', 'a b', 'a\nb', '\\', '}}', '{"name":"x"}', ','))

function value({ shape }: Node): fc.Arbitrary<Json> {
  switch (shape.kind) {
    case 'text': return shape.pattern === undefined ? text : fc.stringMatching(new RegExp(shape.pattern))
    case 'number': return shape.integer ? fc.integer({ min: shape.minimum ?? -1_000_000, max: shape.maximum ?? 1_000_000 }) : fc.integer({ min: -1_000_000, max: 1_000_000 }).map((number) => number / 100)
    case 'choice': return fc.constantFrom(...shape.values)
    case 'list': return fc.array(value(shape.items), { minLength: shape.least, maxLength: Math.min(3, shape.most) })
    case 'object': return object(shape.properties)
    case 'map': return fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), value(shape.values), { maxKeys: 3 })
    case 'any': return fc.oneof(...shape.options.map(value))
  }
}

const object = (properties: readonly Property[]): fc.Arbitrary<Record<string, Json>> =>
  fc.record(Object.fromEntries(properties.map(({ name, node }) => [name, value(node)])), { requiredKeys: properties.filter(({ required }) => required).map(({ name }) => name) })

/** Calls that the schema allows, with values of all shapes. */
export const anyCall = (schema: ToolsSchema): fc.Arbitrary<{ name: string; parameters: Record<string, Json> }> =>
  fc.constantFrom(...schema.tools).chain(({ name, parameters }) => object(parameters)
    .filter((given) => parameters.every((property) => !Object.hasOwn(given, property.name) || !problemOf(property.node, given[property.name]!)))
    .map((given) => ({ name, parameters: given })))
