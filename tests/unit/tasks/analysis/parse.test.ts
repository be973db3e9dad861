import { describe, expect, test } from 'vitest'
import { parse } from '../../../../src/tasks/analysis/parse.ts'
import { placedEvents, statesOf } from '../../../../src/tasks/analysis/schema.ts'
import { mistakeOf } from '../mistake.ts'
import { schema, text } from './fixtures.ts'

test('the document\'s workflows are there, each with start, progress and completion', () => {
  for (const name of ['orders', 'quotes', 'shipments', 'returns', 'escalations']) for (const state of ['start', 'progress', 'completion']) expect(statesOf(schema)).toContain(`${name}/${state}`)
  expect(placedEvents(schema).length).toBeGreaterThanOrEqual(25)
})

describe('a mistake is told with its line', () => {
  test.each([
    ['an action that there is not', 'implies: [change_order]', 'implies: [chang_order]', /expected an action, found "chang_order"; did you mean "change_order"\?/],
    ['an event that there is not', 'after: [quote_asked, quote_followed_up]', 'after: [quote_asked, quote_followed]', /expected an event, found "quote_followed"; did you mean "quote_followed_up"\?/],
    ['a slot that cannot be filled', 'We have signed|I have signed', 'We have signed {qoute}|I have signed', /a slot that can be filled, found "qoute"; did you mean "quote"\?/],
    ['a summary of an unknown type', 'summary: "Order[ {order}] is called off."', 'summary: "Order[ {ordre}] is called off."', /found "ordre"; did you mean "order"\?/],
    ['a state that a priority does not find', 'states: [shipments/delayed,', 'states: [shipment/delayed,', /expected a state, found "shipment\/delayed"; did you mean "shipments\/delayed"\?/],
    ['what an action is about', 'about: [tracking, order, part]', 'about: [trackin, order, part]', /expected an entity type, found "trackin"/],
    ['a pattern that is none', "'^sent from my '", "'^sent (from my '", /expected a regular expression, found "\^sent \(from my "/],
    ['a pattern without an end', "'^sent from my '", "'^(a+)+$'", /expected a regular expression that comes to an end/],
    ['no priority for what is left', '    otherwise: true\n', '', /expected one priority with "otherwise: true", found 0/],
    ['a second event of one name', 'name: quote_declined', 'name: quote_accepted', /expected every event once, found a second "quote_accepted"/],
    ['an unknown key', '    indicators: [', '    indicator: [', /expected one of the keys .*found "indicator"; did you mean "indicators"\?/],
    ['a bracket that stays open', '"[Any|Is there any', '"Any|Is there any]', /expected every "\[" to be closed/],
  ])('%s', (_what, found, instead, message) => {
    expect(text).toContain(found)
    const told = mistakeOf(parse, text.replace(found, () => instead))
    expect(told).toMatch(message)
    const line = text.slice(0, text.indexOf(found)).split('\n').length
    const lines = [...told.matchAll(/^schemas\/x\.yaml:(\d+):\d+: /gm)].map(([, at]) => Number(at))
    expect(lines.length).toBeGreaterThan(0)
    if (!/no priority|one name/.test(_what)) expect(lines.some((at) => Math.abs(at - line) <= 15)).toBe(true)
  })

  test('a type without masks', () => expect(mistakeOf(parse, text.replace(/, like: \['CS-.*?\]/, ''))).toMatch(/expected "like" with masks .*found none for "case"/))
  test('no map', () => expect(mistakeOf(parse, '- 1')).toMatch(/see schemas\/email-batches\.yaml/))
})
