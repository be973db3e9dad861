import { expect, it } from 'vitest'
// @ts-expect-error plain JavaScript, because an old Node must read it
import { toArguments } from '../../../bin/just-args.js'

it.each([
  ['train name=gh num=5000 quant=q8_0', ['train', 'gh', '--num=5000', '--quant=q8_0']],
  ['train num=5000 name=gh', ['train', 'gh', '--num=5000']],
  ['generate --force name=gh', ['generate', 'gh', '--force']],
  ['eval name=gh data=a=b.jsonl json=true', ['eval', 'gh', '--data=a=b.jsonl', '--json']],
  ['train gh batch=false', ['train', 'gh']],
  ['schemas', ['schemas']],
])('just %s', (line, expected) => {
  expect(toArguments(line.split(' '))).toEqual(expected)
})
