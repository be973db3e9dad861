import type { Row } from '../../dataset/row.ts'
import { normalise, quiet } from '../normalise.ts'
import type { WorkflowSchema } from './schema.ts'

/** The fields of the metadata that the language knows, as text, in its order. */
export const knownMetadata = (schema: WorkflowSchema, metadata: Row['context']): [string, string][] =>
  Object.keys(schema.metadata).flatMap((name): [string, string][] => {
    const value = metadata?.[name]
    const text = ['string', 'number'].includes(typeof value) ? normalise(String(value)).slice(0, 200) : ''
    return text === '' ? [] : [[name, text]]
  })

/** The user's turn: the request, and under it the metadata that the language knows. The one renderer of training, evaluation, serving and export. */
export function userText(schema: WorkflowSchema, instruction: string, metadata: Row['context']): string {
  const known = knownMetadata(schema, metadata).map(([name, value]) => `${name}=${value}`)
  return [quiet(normalise(instruction)), ...(known.length ? [known.join(' ')] : [])].join('\n')
}

/** The system turn of chat bases: the rules of the language, with its version. */
export function systemText(schema: WorkflowSchema): string {
  const actions = schema.actions.map(({ name, parameters }) => `${name}(${parameters.map((each) => `${each.name}${each.required ? '' : '?'}`).join(', ')})`)
  return [
    `You write workflows in ${schema.language}, version ${schema.version}. Answer a request with one line of JSON: {"steps":[{"action","parameters","conditions"?}]} with "variables" before "steps" where the workflow declares any; answer a question about the language, or what is no request, with {"response"}.`,
    `Actions: ${actions.join(', ')}.`,
    `Variables of every run: ${Object.keys(schema.variables).map((name) => `@var:${name}`).join(', ')}.`,
    'Rules:', ...schema.rules.map(({ number, text }) => `${number}. ${text}`),
  ].join('\n')
}
