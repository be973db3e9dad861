import { normalise, quiet } from '../normalise.ts'
import type { ToolsSchema } from './schema.ts'

/** The user's turn: the request alone, since a tool call is made from nothing else. The one renderer of training, evaluation, serving and export. */
export const userText = (_schema: ToolsSchema, instruction: string): string => quiet(normalise(instruction))
