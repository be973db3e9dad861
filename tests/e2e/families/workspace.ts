import { tinyModel, Workspace } from '../workspace.ts'

/** One folder for all kinds of task: its server and worker start once, and the host is checked once. */
export const workspace = new Workspace([], { steps: 40, model: tinyModel })
