import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dataset/row.ts'
import { chooseCandidate } from '../../../src/evaluation/choose.ts'
import { missedGates } from '../../../src/evaluation/missed.ts'
import { askOtherwise } from '../../../src/evaluation/robustness.ts'
import type { TaskFamily } from '../../../src/tasks/family.ts'
import { fakeFamily, fakeSchema as schema } from '../../fixtures/fake-family.ts'
import { fakePredictor, truth } from './fake-predictor.ts'

/** Half of the rows are to be opened, half to be asked back; the figures are told of one half each. */
const rows: Row[] = Array.from({ length: 20 }, (_, i) => ({ instruction: `${i % 2 ? 'open' : 'ask'} ${i}`, context: null, output: JSON.stringify({ do: i % 2 ? 'open' : 'ask', n: i }) }))
const family: TaskFamily = {
  ...fakeFamily,
  gates: () => ({ figures: [{ name: 'asked_back', figure: 'asked back', bound: { min: 0.9 } }] }),
  metrics: (_schema, completion, row): Record<string, number> => ({ [row.output.includes('ask') ? 'asked back' : 'wrongly asked back']: Number(completion.includes('ask')) }),
}
const figures = (bounds: Record<string, object>) => Object.entries(bounds).map(([figure, bound]) => ({ name: figure.replaceAll(' ', '_'), figure, bound }))
const answered = async (answer: (text: string) => string) => (await chooseCandidate({ sft: fakePredictor(answer), dpo: fakePredictor(answer) }, rows, { family, schema }, {})).answers
const instructions = (short: Map<Row, unknown>) => [...short.keys()].map(({ instruction }) => instruction).sort()

describe('gates held against the validation rows', () => {
  test('name the rows that a missed figure is counted on and that fall short of it, and no others', async () => {
    const { sentences, short } = missedGates(family.gates!(schema).figures, await answered((text) => (['ask 2', 'ask 8', 'open 3'].includes(text) ? '{"do":"close"}' : truth(text))))
    expect(sentences).toEqual({ asked_back: 'asked back is 80.0%, at least 90.0% is demanded' })
    expect(instructions(short)).toEqual(['ask 2', 'ask 8'])
    expect([...short.values()]).toEqual([{ asked_back: 1 }, { asked_back: 1 }])
  })

  test('of a figure that is too high name the rows that raise it', async () => {
    const answers = await answered((text) => (text === 'open 5' ? '{"do":"ask"}' : truth(text)))
    const { sentences, short } = missedGates(figures({ 'wrongly asked back': { max: 0.05 }, 'asked back': { above: 0.9 } }), answers)
    expect(sentences).toEqual({ wrongly_asked_back: 'wrongly asked back is 10.0%, at most 5.0% is demanded' })
    expect(instructions(short)).toEqual(['open 5'])
  })

  test('that are reached name none, and one that no row tells is missed without a row', async () => {
    const answers = await answered(truth)
    expect(missedGates(family.gates!(schema).figures, answers)).toEqual({ sentences: {}, short: new Map() })
    expect(missedGates(figures({ chrF: { min: 0.5 } }), answers)).toEqual({ sentences: { chrF: 'no row tells chrF, at least 50.0% is demanded' }, short: new Map() })
  })

  test('of a model that is not robust name the rows whose right answer other wordings change', async () => {
    const places = rows.map((row): Row => ({ ...row, instruction: `would you please ${row.instruction}` }))
    const shaky = (text: string) => (/open/i.test(text) && !places.some(({ instruction }) => instruction === text) ? '{"do":"close"}' : truth(text))
    const asked = await askOtherwise({ predictor: fakePredictor(shaky), family: fakeFamily, schema, rows: places })
    const { sentences, short } = missedGates([], [], asked)
    expect(Object.keys(sentences)).toEqual(['robustness'])
    expect(sentences.robustness).toMatch(/^other wordings cost \d+\.\d points, 5 are allowed, .* of exchanged values were followed, 95% must be$/)
    expect(instructions(short)).toEqual(places.map(({ instruction }) => instruction).filter((text) => text.includes('open')).sort())
    const steady = await askOtherwise({ predictor: fakePredictor(truth), family: fakeFamily, schema, rows: places })
    expect(missedGates([], [], steady)).toEqual({ sentences: {}, short: new Map() })
  })
})
