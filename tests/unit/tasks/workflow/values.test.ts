import { expect, test } from 'vitest'
import { parseExpression } from '../../../../src/tasks/workflow/expression.ts'
import { sayCondition } from '../../../../src/tasks/workflow/offline/conditions.ts'
import { columnName } from '../../../../src/tasks/workflow/offline/values.ts'
import { Random } from '../../../../src/teacher/random.ts'

// A made-up name of three letters is "not" once in some twenty thousand, and the whole training ended there.
test.each([22377, 38501, 46856])('a made-up column can be compared in an expression (%i)', (seed) => {
  const name = columnName(new Random(`column ${seed}`), 'number', [])
  expect(parseExpression(`not ${name} == 1`), name).toMatchObject({ of: { left: { kind: 'name', name } } })
})

test('rows that have to go are meant by a "not" before what is said of them', () => {
  for (let seed = 0; seed < 200; seed++) {
    const said = (style: string) => sayCondition(new Random(`said ${seed}`), () => 'price', style)
    expect(said('not').means).toMatch(/^not price /)
    expect(said('not').text).toContain('price')
  }
})
