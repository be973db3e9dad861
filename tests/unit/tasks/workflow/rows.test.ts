import { describe, expect, test } from 'vitest'
import { workflow as family } from '../../../../src/tasks/workflow/index.ts'
import { whyNotExecutable } from '../../../../src/tasks/workflow/dry-run.ts'
import { readAnswer } from '../../../../src/tasks/workflow/document.ts'
import { toldAbout } from '../../../../src/tasks/workflow/told.ts'
import { golden, row, step, tamarind } from './fixtures.ts'

const seed = { input: "Read a JSON file and filter rows where status='active'", metadata: { file_format: 'JSON' }, expected_workflow: { steps: [{ action: 'read_json', parameters: { file: '@var:file_path' } }, { action: 'filter', parameters: { condition: "status == 'active'" } }] } }

describe('rows that people have', () => {
  test('the triplets of the document are read as they stand', () => {
    const read = family.fromForeign(tamarind, seed)
    expect(read.context).toEqual({ file_format: 'JSON' })
    expect(family.validate(tamarind, read)).toEqual([])
    expect(JSON.parse(family.completion(tamarind, read.output))).toEqual(seed.expected_workflow)
  })

  test.each([
    ['What are the mandatory fields in a Tamarind workflow step?', "Each workflow step must include an 'action', 'parameters', and optionally 'conditions'."],
    ['Can a variable be declared outside of a step?', "Yes, variables can be declared at the workflow level using the '@var' syntax."],
  ])('%s keeps its response', (input, expected_response) => {
    const read = family.fromForeign(tamarind, { input, metadata: {}, expected_response })
    expect(family.validate(tamarind, read)).toEqual([])
    expect(family.clarificationCase!(tamarind, read.output)).toBe('question')
    expect(family.executable(tamarind, read.output)).toBe(false)
    expect(family.phases!(tamarind)[0]!.takes(read)).toBe(true)
  })

  test.each<[string, Record<string, unknown>, Record<string, string>, boolean]>([
    ['a request', seed, { kind: 'multi', action: 'filter', steps: '2', metadata: 'some' }, false],
    ['a request of one step', { input: 'sort by a', expected_workflow: { steps: [step('sort', { by: 'a' })] } }, { kind: 'single', action: 'sort', steps: '1', metadata: 'none' }, false],
    ['a choice', { input: `Which is right? a) ${tamarind.rules[2]!.text} b) ${tamarind.rules[3]!.text}`, expected_response: tamarind.rules[2]!.text }, { kind: 'choice', action: 'rule 3', steps: '0', metadata: 'none' }, true],
    ['a question with an answer of its own', { input: 'How many steps may a Tamarind workflow have?', expected_response: 'Twenty.' }, { kind: 'question', action: '-', steps: '0', metadata: 'none' }, true],
    ['a question about an action', { input: 'what does sort need?', expected_response: "sort requires 'by'." }, { kind: 'question', action: 'sort', steps: '0', metadata: 'none' }, true],
    ['a reply', { input: 'how tall is the tower', expected_response: tamarind.replies.off_topic!.text }, { kind: 'off_topic', action: '-', steps: '0', metadata: 'none' }, false],
    ['a reply of its own', { input: 'check the weather', expected_response: 'I cannot do that.' }, { kind: 'reply', action: '-', steps: '0', metadata: 'none' }, false],
    ['a slice that it brings along', { ...seed, slice: { kind: 'edge' } }, { kind: 'edge' }, false],
  ])('%s tells what it is an example of', (_what, record, slice, first) => {
    const read = family.fromForeign(tamarind, record)
    expect(read.slice).toEqual(slice)
    expect(family.phases!(tamarind)[0]!.takes(read)).toBe(first)
  })

  test('what is no triplet is refused with its keys', () => expect(() => family.fromForeign(tamarind, { text: 'x' })).toThrow(/found the keys \["text"\]/))

  test.each([
    ['a broken rule', row('group by a', { steps: [step('group', { by: ['a'] })] }), /rule 8 .*"group" is followed by nothing/],
    ['a value that nobody said', row('sort it', { steps: [step('sort', { by: 'price' })] }), /expected the column "price" in the request/],
    ['metadata of another kind', row('sort by a', { steps: [step('sort', { by: 'a' })] }, { file_format: 'XML' }), /file_format.* CSV or JSON, found "XML"/],
    ['no JSON', row('sort by a', '{"steps":'), /expected JSON/],
  ])('%s is a reason', (_what, given, reason) => expect(family.validate(tamarind, given).map(({ message }) => message).join()).toMatch(reason))
})

describe('the golden set', () => {
  test('has a hundred rows and more, half of each part', () => {
    expect(golden.length).toBeGreaterThanOrEqual(100)
    expect(Math.abs(golden.filter(({ part }) => part === 'dev').length - golden.filter(({ part }) => part === 'final').length)).toBeLessThanOrEqual(1)
  })

  test.each(golden.map((record, i) => [i + 1, String(record.input), record] as const))('line %i, %s: valid, executable, equivalent to itself', (_line, _input, record) => {
    const read = family.fromForeign(tamarind, record)
    expect(family.validate(tamarind, read)).toEqual([])
    const { answer } = readAnswer(read.output)
    if (answer?.workflow) expect(whyNotExecutable(tamarind, answer.workflow)).toBeUndefined()
    expect(family.score(tamarind, family.completion(tamarind, read.output), read)).toEqual({ valid: true, allowed: true, equivalent: true })
  })
})

describe('the offline teacher', () => {
  const briefs = family.plan(tamarind, { count: 1_200, seed: 7 })
  const rows = briefs.map((brief) => family.writeOffline(tamarind, brief, 7))

  test('writes as many rows as asked for, each action among them', () => {
    expect(briefs).toHaveLength(1_200)
    expect(new Set(briefs.map(({ key }) => key)).size).toBe(1_200)
    const covered = new Set(rows.flatMap((each) => family.coverage!(tamarind, each)))
    expect(family.coverable!(tamarind).filter((label) => !covered.has(label))).toEqual([])
  })

  test('is asked four times as often for what holds a condition as for what is copied', () => {
    const asked = (action: string) => briefs.filter(({ slice }) => slice.kind === 'single' && slice.action === action).length
    expect(asked('filter') / asked('limit')).toBeCloseTo(4, 0)
    expect(asked('map') / asked('limit')).toBeCloseTo(2, 0)
    expect(asked('sort') / asked('limit')).toBeCloseTo(1, 0)
  })

  test('writes the same rows again, and others for another seed', () => {
    const again = family.plan(tamarind, { count: 1_200, seed: 7 }).slice(0, 50).map((brief) => family.writeOffline(tamarind, brief, 7))
    expect(again).toEqual(rows.slice(0, 50))
    const others = family.plan(tamarind, { count: 1_200, seed: 8 }).slice(0, 50).map((brief) => family.writeOffline(tamarind, brief, 8))
    expect(others.filter((other, i) => other.instruction === rows[i]!.instruction).length).toBeLessThan(10)
  })

  test('writes hardly a row that its own checks reject', () => {
    const bad = rows.filter((each) => family.validate(tamarind, each).length > 0)
    expect(bad.length).toBeLessThanOrEqual(6)
  })

  test('marks most values as copied, each in the request and in the answer', () => {
    let copied = 0
    for (const each of rows) {
      if (family.validate(tamarind, each).length) continue
      const text = family.userText(tamarind, each.instruction, each.context)
      for (const { value } of family.copiedValues(tamarind, each)) {
        copied++
        expect(text).toContain(value)
        expect(family.completion(tamarind, each.output)).toContain(JSON.stringify(value).slice(1, -1))
      }
    }
    expect(copied / rows.length).toBeGreaterThan(1.5)
  })

  test('finds near misses that are allowed and do something else', () => {
    for (const each of rows.filter((_, i) => i % 40 === 0)) {
      if (family.validate(tamarind, each).length) continue
      for (const miss of family.nearMisses(tamarind, each, 3)) expect(family.score(tamarind, miss, each)).toMatchObject({ allowed: true, equivalent: false })
    }
  })
})

describe('errors have names', () => {
  const truth = row('keep a over 5 and sort by b', { steps: [step('filter', { condition: 'a > 5' }), step('sort', { by: 'b' })] })
  test.each([
    ['not JSON', '{"steps"'],
    ['not a workflow', '{"step":[]}'],
    ['breaks rule 4', { steps: [step('keep', {})] }],
    ['cannot be executed', { steps: [step('select', { columns: ['a'] }), step('sort', { by: 'b' })] }],
    ['missing step: sort', { steps: [step('filter', { condition: 'a > 5' })] }],
    ['extra step: limit', { steps: [step('filter', { condition: 'a > 5' }), step('sort', { by: 'b' }), step('limit', { count: 3 })] }],
    ['wrong action', { steps: [step('check', { condition: 'a > 5' }), step('sort', { by: 'b' })] }],
    ['wrong parameter: filter condition', { steps: [step('filter', { condition: 'a >= 5' }), step('sort', { by: 'b' })] }],
    ['unexpected parameter: sort order', { steps: [step('filter', { condition: 'a > 5' }), step('sort', { by: 'b', order: 'desc' })] }],
    ['wrong conditions', { steps: [step('filter', { condition: 'a > 5' }), step('sort', { by: 'b' }, ['row_count > 0'])] }],
    ['should have written a workflow', { response: 'no' }],
  ])('%s', (error, answer) => expect(family.score(tamarind, typeof answer === 'string' ? answer : JSON.stringify(answer), truth).error).toBe(error))

  test('words for words, and a workflow for words', () => {
    const asked = row('hello', { response: tamarind.replies.unclear!.text })
    expect(family.score(tamarind, JSON.stringify({ response: tamarind.replies.off_topic!.text }), asked).error).toBe('wrong words')
    expect(family.score(tamarind, JSON.stringify({ steps: [step('stop')] }), asked).error).toBe('should have answered in words')
  })

  test('figures of its own tell how far an answer gets', () => {
    const alike: [number, number][] = []
    const figures = (answer: unknown) => {
      const text = JSON.stringify(answer)
      const { BLEU: bleu, 'ROUGE-L': rouge, ...rates } = family.metrics!(tamarind, text, truth, family.score(tamarind, text, truth))
      alike.push([bleu!, rouge!])
      return Object.values(rates)
    }
    expect(figures({ steps: [step('filter', { condition: 'a > 5' }), step('sort', { by: 'b' })] })).toEqual([1, 1, 1, 1, 1])
    expect(figures({ steps: [step('sort', { by: 'b' }), step('filter', { condition: 'a > 5' })] })).toEqual([1, 1, 1, 0, 1])
    expect(figures({ steps: [step('select', { columns: ['a'] }), step('sort', { by: 'b' })] })).toEqual([1, 1, 0, 0, 0])
    expect(figures({ steps: [] })).toEqual([1, 0, 0, 0, 0])
    expect(figures([])).toEqual([0, 0, 0, 0, 0])
    // The same document, another one of the same shape, one without steps, and none; the second has the steps in another order, which four words on end do not tell.
    expect(alike[0]).toEqual([1, 1])
    for (const figure of [0, 1] as const) for (const [at, less] of [[0, 2], [2, 3], [3, 4]] as const) expect(alike[at]![figure]).toBeGreaterThan(alike[less]![figure])
    expect(alike[1]![1]).toBeLessThan(1)
  })
})

describe('the paid teacher', () => {
  const briefs = family.plan(tamarind, { count: 40, seed: 1 })
  test('is told the whole language once, and the items by number', () => {
    const { system, user, format } = family.teacherRequest(tamarind, briefs.slice(0, 2))
    for (const { name } of tamarind.actions) expect(system).toContain(`action ${name}`)
    for (const { text } of tamarind.rules) expect(system).toContain(text)
    expect(user).toMatch(/^1\. kind: /m)
    expect(JSON.stringify(format)).not.toContain('"minimum"')
  })

  test('gives rows for its items, and problems for what is something else', () => {
    const asked = briefs.find(({ slice }) => slice.kind === 'single' && slice.action === 'sort' && slice.metadata === 'none') ?? { ...briefs[0]!, slice: { kind: 'single', action: 'sort', metadata: 'none', phrasing: 'plain' } }
    const example = { brief: 1, input: 'sort by b', metadata: [], expected_workflow: JSON.stringify({ steps: [step('sort', { by: 'b' })] }), expected_response: null }
    expect(family.fromTeacher(tamarind, [asked], { examples: [example] })).toMatchObject([{ brief: asked, problems: [], row: { instruction: 'sort by b', context: null } }])
    expect(family.fromTeacher(tamarind, [asked], { examples: [{ ...example, expected_workflow: null, expected_response: 'no' }] })[0]!.problems[0]!.message).toMatch(/asks for a workflow/)
    expect(family.fromTeacher(tamarind, [asked], { examples: [{ ...example, brief: 3 }] })[0]!.problems[0]!.message).toMatch(/each item once/)
    expect(family.fromTeacher(tamarind, [asked], {})[0]!.problems).toHaveLength(1)
  })
})

describe('questions about actions', () => {
  const texts = (name: string) => toldAbout(tamarind, name).map(({ text }) => text)

  test('are answered from the schema: what it is for, what it takes, what it requires', () => {
    expect(texts('sort')).toEqual(['sort: Sorts the rows by a column.', "sort takes 'by' (column, required) and 'order' ('asc' | 'desc', default asc).", "sort requires 'by'."])
    expect(texts('stop').slice(1)).toEqual(['stop takes no parameters.', 'stop requires no parameter.'])
  })

  const briefs = family.plan(tamarind, { count: 2_000, seed: 4 })
  const asked = briefs.filter(({ slice }) => slice.kind === 'question' && !slice.action!.startsWith('rule'))

  test('are a few in a hundred rows, as many of each action, and all of phase 1', () => {
    expect(asked.length / briefs.length).toBeCloseTo(0.03, 2)
    expect(new Set(asked.map(({ slice }) => slice.action)).size).toBe(tamarind.actions.length)
    for (const brief of asked) {
      const written = family.writeOffline(tamarind, brief, 4)
      expect(family.validate(tamarind, written)).toEqual([])
      expect(written.instruction).toContain(brief.slice.action)
      expect(texts(brief.slice.action!)).toContain(JSON.parse(written.output).response)
      expect(family.coverage!(tamarind, written)).toEqual([`question ${brief.slice.action}`])
      expect(family.phases!(tamarind)[0]!.takes(written)).toBe(true)
    }
  })

  test('that were answered wrongly are asked more', () => {
    const row = family.writeOffline(tamarind, asked[0]!, 4)
    const more = family.reinforce!(tamarind, [{ row, error: 'wrong words', confidence: 0.9 }], { briefs, count: 1, seed: 4, round: 1 })
    expect(more.map(({ slice }) => slice)).toEqual([asked[0]!.slice])
  })

  test('have no other answer of the paid teacher', () => {
    const brief = asked.find(({ slice }) => slice.action === 'sort')!
    const problems = (response: string) => family.fromTeacher(tamarind, [brief], { examples: [{ brief: 1, input: 'what must I give to sort', metadata: [], expected_workflow: null, expected_response: response }] })[0]!.problems.map(({ message }) => message)
    expect(problems("sort requires 'by'.")).toEqual([])
    expect(problems("join requires 'file' and 'on'.")).toEqual([expect.stringMatching(/asks for the text of sort/)])
    expect(family.teacherRequest(tamarind, [brief]).system).toContain("text about sort: sort requires 'by'.")
  })
})

describe('a choice that the paid teacher is asked for', () => {
  const [right, other] = [tamarind.rules[2]!.text, tamarind.rules[3]!.text]
  const asked = { ...family.plan(tamarind, { count: 40, seed: 1 })[0]!, slice: { kind: 'choice', action: 'rule 3', metadata: 'none', phrasing: 'plain' } }
  const problems = (input: string, expected_response: string) => family.fromTeacher(tamarind, [asked], { examples: [{ brief: 1, input, metadata: [], expected_workflow: null, expected_response }] })[0]!.problems.map(({ message }) => message)

  test('is explained', () => expect(family.teacherRequest(tamarind, [asked]).system).toMatch(/choice \(such a question followed by the texts/))
  test('is a row', () => expect(problems(`What holds? a) ${other} b) ${right}`, right)).toEqual([]))
  test.each([
    ['without anything to choose from', 'What holds?', right],
    ['without the answer among the texts', `What holds? a) ${other}`, right],
    ['with one text alone', `What holds? a) ${right}`, right],
  ])('is refused %s', (_what, input, answer) => expect(problems(input, answer)).toEqual([expect.stringMatching(/at least two rules to choose from/)]))
})

test('a schema with an action of its own trains too', async () => {
  const { parsed, text } = await import('./fixtures.ts')
  const own = parsed(text.replace('  - name: stop\n', () => '  - name: archive\n    description: Puts a file away\n    parameters:\n      - { name: file, type: file, required: true }\n    phrases:\n      - "[archive|put away] {file}"\n  - name: stop\n'))
  const about = family.plan(own, { count: 1_200, seed: 1 }).filter(({ slice }) => slice.action === 'archive')
  expect(about.length).toBeGreaterThan(10)
  for (const brief of about) expect(family.validate(own, family.writeOffline(own, brief, 1)).filter(({ rule }) => rule !== 'schema')).toEqual([])
})
