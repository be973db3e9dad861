import { describe, expect, test } from 'vitest'
import { assistant as family } from '../../../../src/tasks/assistant/index.ts'
import { search } from '../../../../src/tasks/assistant/retrieval.ts'
import { stem } from '../../../../src/tasks/assistant/words.ts'
import { golden, kettle, starweave } from './fixtures.ts'

const turn = (question: string, answer: string) => ({ question, answer })

describe('rows that people have', () => {
  test('an interaction log is read: words become the passages that say them', () => {
    const read = family.fromForeign(kettle, { question: 'and how do i turn it off', answer: 'To turn it off, lift the lid.', history: [turn('what is the lid lock', 'The lid lock keeps 2.5 litres in.')] })
    expect(read).toMatchObject({ instruction: 'and how do i turn it off', output: '{"quotes":["use/lid-lock/off"]}', slice: { group: 'use', topic: 'use/lid-lock', asks: 'off', turns: 'several', case: 'positive' } })
    expect(family.validate(kettle, read)).toEqual([])
  })

  test('of an answer in other words, the passage that covers it', () => {
    expect(family.fromForeign(kettle, { question: 'x', answer: 'The lid lock of the kettle keeps 2.5 litres in. Returns `:ok`.' }).output).toBe('{"quotes":["lib/kettle/boil-2/returns","use/lid-lock/what"]}')
  })

  test('what no passage says is refused with its words', () => {
    expect(() => family.fromForeign(kettle, { question: 'x', answer: 'To turn it off, lift the lid. Then call your mother.' })).toThrow(/which the sources give|found "Then call your mother\.", which no passage says/)
    expect(() => family.fromForeign(kettle, { text: 'x' })).toThrow(/found the keys \["text"\]/)
  })

  test.each([
    ['a passage that is held out', { instruction: 'x', output: '{"quotes":["secret/recipe/what"]}' }, /stands in secret\.md, which is held out/],
    ['a passage that there is not', { instruction: 'x', output: '{"quotes":["use/boil-lock/of"]}' }, /did you mean "use\/boil-lock\/off"\?/],
    ['a passage twice', { instruction: 'x', output: '{"quotes":["use/boil-lock/off","use/boil-lock/off"]}' }, /every passage once/],
    ['four passages', { instruction: 'x', output: '{"quotes":["use/boil-lock/off","use/boil-lock/what","use/boil-lock/more","use/boil-lock/more-2"]}' }, /at most 3 passages, found 4/],
    ['a history of another shape', { instruction: 'x', context: { history: 'what is it' }, output: '{"refusal":"off_topic"}' }, /expected "history" to be a list/],
    ['a question about nothing', { instruction: 'turn it off', output: '{"quotes":["use/boil-lock/off"]}', slice: { turns: 'follow-up' } }, /expected a history whose last answer stands in the sources/],
    ['no question', { instruction: ' ', output: '{"refusal":"off_topic"}' }, /expected an instruction/],
  ])('%s is a reason', (_what, record, reason) => expect(family.validate(kettle, family.fromForeign(kettle, record)).map(({ message }) => message).join()).toMatch(reason))
})

describe('what the model reads', () => {
  const text = (question: string, ...history: { question: string; answer?: unknown }[]) => family.userText(kettle, question, history.length ? { history } : null).split('\n')

  test('the question, and what a search finds for it', () => {
    expect(text('How do I turn  the lid lock off?')).toEqual(['How do I turn the lid lock off?', expect.stringMatching(/^sure=use\/lid-lock\/\w+ /)])
    expect(text('who won the world cup')).toEqual(['who won the world cup'])
    expect(text('what is the lid lock? 🙏')).toEqual(text('what is the lid lock?'))
  })

  test('of a conversation the passages of the latest answer that quoted any', () => {
    expect(text('and how do i turn it off', turn('what is the lid lock', 'The lid lock keeps 2.5 litres in.'))[1]).toBe('said=use/lid-lock/what')
    expect(text('turn it off', turn('what is the lid lock', 'The lid lock keeps 2.5 litres in.'), turn('who won', 'That is not about kettle.'))[1]).toBe('said=use/lid-lock/what')
    expect(text('turn it off', { question: 'x', answer: { quotes: ['use/lid-lock/off'] } })[1]).toBe('said=use/lid-lock/off')
    expect(text('turn it off', turn('x', 'Nothing that the sources say.'))).toHaveLength(1)
  })

  test('what is misspelt is read as it was meant, what was said before stays', () => {
    const asked = family.userText(kettle, 'turn the lid lokc off', { history: [turn('x', 'It beeps once.')] })
    const [question, said, found] = family.otherReading!(kettle, asked, '')!.split('\n')
    expect([question, said, found]).toEqual(['turn the lid lock off', 'said=use/boil-lock/more', expect.stringMatching(/^sure=use\/lid-lock\//)])
    expect(family.otherReading!(kettle, family.userText(kettle, 'turn the lid lock off', null), '')).toBeUndefined()
  })

  test('a row stays short, however long the conversation', () => {
    const long = Array.from({ length: 40 }, (_, i) => turn(`what is ${i}`, starweave.sections[i]!.passages[0]!.text))
    expect(Buffer.byteLength(family.userText(starweave, 'how do i turn it off', { history: long }))).toBeLessThan(400)
  })
})

describe('the search without a model', () => {
  test.each([
    ['how do I disable memory decay', 'docs/memory/memory-decay'],
    ['pattrn evolution', 'docs/patterns/pattern-evolution'],
    ['what does Starweave.Memory.recall/2 return', 'lib/memory/recall-2'],
    ['half of the members', 'docs/troubleshooting/votes-never-end'],
  ])('%s: %s', (question, id) => expect(search(starweave, question).map(({ section }) => section.id)).toContain(id))

  test('finds nothing in what only asks', () => {
    expect(search(starweave, 'and what is the default?')).toEqual([])
    expect(search(starweave, '')).toEqual([])
  })

  test('answers or refuses, with what was asked before', () => {
    expect(JSON.parse(family.lookup!(kettle, 'and how do i turn it off', { history: [turn('what is the lid lock', '…')] })).quotes[0]).toMatch(/^use\/lid-lock\//)
    expect(family.lookup!(kettle, 'who won the world cup', null)).toBe('{"refusal":"not_in_sources"}')
  })

  test.each([['decays', 'decaying'], ['merged', 'merging'], ['turned', 'turn'], ['patterns', 'pattern'], ['entries', 'entry']])('%s and %s are one word', (a, b) => expect(stem(a)).toBe(stem(b)))
})

describe('the golden set', () => {
  const cases = golden.map((record) => (record.slice as Record<string, string>).case)

  test('has enough of everything, half of each part', () => {
    expect(golden.length).toBeGreaterThanOrEqual(120)
    expect(cases.filter((each) => each === 'off_topic' || each === 'not_in_sources').length).toBeGreaterThanOrEqual(30)
    expect(golden.filter(({ context }) => context !== null).length).toBeGreaterThanOrEqual(25)
    expect(Math.abs(golden.filter(({ part }) => part === 'dev').length - golden.length / 2)).toBeLessThanOrEqual(1)
  })

  test.each(golden.map((record, i) => [i + 1, String(record.instruction), record] as const))('line %i, %s: valid, equivalent to itself', (_line, _question, record) => {
    const read = family.fromForeign(starweave, record)
    expect(family.validate(starweave, read)).toEqual([])
    expect(family.score(starweave, family.completion(starweave, read.output), read)).toEqual({ valid: true, allowed: true, equivalent: true })
  })
})

describe('the offline teacher', () => {
  const briefs = family.plan(starweave, { count: 4_000, seed: 7 })
  const rows = briefs.map((brief) => family.writeOffline(starweave, brief, 7))

  test('writes as many rows as asked for, nearly every passage among them', () => {
    expect(briefs).toHaveLength(4_000)
    expect(new Set(briefs.map(({ key }) => key)).size).toBe(4_000)
    const covered = new Set(rows.flatMap((each) => family.coverage!(starweave, each)))
    expect(family.coverable!(starweave).filter((label) => !covered.has(label))).toEqual([])
  })

  test('writes what it may train on, short enough for a small model', () => {
    for (const row of rows) {
      expect(family.validate(starweave, row), row.instruction).toEqual([])
      expect(Buffer.byteLength(family.userText(starweave, row.instruction, row.context) + row.output)).toBeLessThan(509)
    }
  })

  test('writes the same row for the same brief', () => expect(briefs.slice(0, 60).map((brief) => family.writeOffline(starweave, brief, 7))).toEqual(rows.slice(0, 60)))

  test('hardly ever says the same thing twice with another answer', () => {
    const answers = Map.groupBy(rows, (row) => family.userText(starweave, row.instruction, row.context))
    const contradictions = [...answers.values()].filter((of) => new Set(of.map(({ output }) => output)).size > 1)
    expect(contradictions.length).toBeLessThan(rows.length / 200)
  })

  test('asks two things in either order, and of things that there are not', () => {
    const both = rows.filter(({ slice }) => slice!.asks!.includes(' and ')).map(({ slice }) => slice!.asks!)
    expect(both.some((asks) => asks.startsWith('what and '))).toBe(true)
    expect(both.some((asks) => asks.endsWith(' and what'))).toBe(true)
    const unknown = rows.filter(({ slice }) => slice!.case === 'not_in_sources')
    expect(unknown.length).toBeGreaterThan(250)
    expect(unknown.filter((row) => family.userText(starweave, row.instruction, null).includes('\nsure=')).length).toBeLessThan(unknown.length / 5)
  })

  test('follow-ups need what was said before, refusals come alone', () => {
    const of = (turns: string) => rows.filter(({ slice }) => slice!.turns === turns)
    expect(of('follow-up').length).toBeGreaterThan(300)
    for (const row of of('follow-up')) expect(family.userText(starweave, row.instruction, row.context)).toContain(`said=${row.slice!.topic}/`)
    for (const row of rows.filter(({ slice }) => slice!.case !== 'positive')) expect(row.context).toBeNull()
  })
})

describe('the paid teacher', () => {
  const briefs = family.plan(kettle, { count: 60, seed: 2 })
  const request = family.teacherRequest(kettle, briefs.slice(0, 3))
  const brief = (test: (slice: Record<string, string>) => boolean) => briefs.find(({ slice }) => test(slice))!
  const example = (more: object) => ({ examples: [{ brief: 1, question: 'stop the lock', history: [], type: 'answer', quotes: ['use/boil-lock/off'], answer: null, ...more }] })

  test('reads the documents, and nothing that is held out', () => {
    expect(request.system).toContain('use/boil-lock/off: To turn it off, press `A. B` twice.')
    expect(request.system).not.toMatch(/secret\//)
    expect(request.system).toBe(family.teacherRequest(kettle, briefs.slice(3, 9)).system)
  })

  test('its examples become rows, each for its item', () => {
    const alone = brief(({ topic, asks, turns, by }) => topic === 'use/boil-lock' && asks === 'off' && turns === 'one' && !by)
    expect(family.fromTeacher(kettle, [alone], example({}))[0]).toMatchObject({ problems: [], row: { instruction: 'stop the lock', context: null, output: '{"quotes":["use/boil-lock/off"]}' } })
    expect(family.fromTeacher(kettle, [alone], example({ quotes: ['use/lid-lock/off'] }))[0]!.problems[0]!.message).toMatch(/asks for passages of use\/boil-lock/)
    expect(family.fromTeacher(kettle, [alone], example({ type: 'refusal', quotes: [] }))[0]!.problems[0]!.message).toMatch(/the case positive, found not_in_sources/)
    expect(family.fromTeacher(kettle, [alone], example({ history: [{ question: 'x', quotes: ['use/boil-lock/what'] }] }))[0]!.problems[0]!.message).toMatch(/no history, found one/)
    expect(family.fromTeacher(kettle, [alone], { examples: [{ brief: 1 }] })[0]!.problems).toHaveLength(1)
  })
})
