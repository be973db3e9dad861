import type { PromptTemplate } from './template.ts'

/**
 * An Ollama Modelfile that asks the model exactly as the predictor does, decoding freely: a Modelfile carries no grammar.
 * Ollama adds the BOS token where the GGUF says so.
 * @param gguf file name beside the Modelfile
 */
export function modelfile(gguf: string, template: PromptTemplate): string {
  const stops = stopsOf(template).map((stop) => `PARAMETER stop ${JSON.stringify(stop)}`)
  return `# ollama create NAME -f Modelfile
FROM ./${gguf}
TEMPLATE """${quoted(template.prefix)}{{ .Prompt }}${quoted(template.suffix)}"""
PARAMETER temperature 0
PARAMETER num_predict 768
${stops.join('\n')}
`
}

/** Texts at which a server ends an answer. */
export const stopsOf = ({ eos, stop }: PromptTemplate): string[] => [...new Set([eos, ...stop])]

/** Text that is neither Go template syntax nor the end of the triple-quoted string. */
const quoted = (text: string) => text.replace(/\{\{|\}\}|"""|"$/g, (found) => `{{ ${JSON.stringify(found)} }}`)
