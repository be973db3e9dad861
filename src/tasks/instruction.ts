import type { Problem } from './family.ts'

const longestInstruction = 2_000

/** What no instruction may be, whatever the kind of task. */
export function checkInstruction(instruction: string): Problem[] {
  if (instruction.trim() === '') return [{ rule: 'shape', message: 'expected an instruction, found an empty one' }]
  if (instruction.length > longestInstruction) return [{ rule: 'shape', message: `expected an instruction of at most ${longestInstruction} characters, found ${instruction.length}` }]
  const odd = /[\p{Cs}\0-\x08\x0b\x0c\x0e-\x1f\x7f]/u.exec(instruction)
  return odd ? [{ rule: 'shape', message: `expected plain text as instruction, found the character U+${odd[0].codePointAt(0)!.toString(16).padStart(4, '0')}` }] : []
}
