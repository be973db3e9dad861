import type { Engine } from '../../../src/inference/engine.ts'
import { compileGrammar, type Constraint } from '../../../src/inference/llama.ts'

/** What llama.cpp says of whole texts under a grammar, byte by byte. */
export async function acceptor({ model }: Engine, gbnf: string): Promise<(text: string) => boolean> {
  const start = await compileGrammar(model, gbnf)
  return (text) => {
    const constraint: Constraint = start()
    for (const token of model.tokenize(text, false)) {
      if (!constraint.allows(token)) return false
      constraint.accept(token)
    }
    return constraint.allows(model.tokens.eos!)
  }
}
