import { afterAll } from 'vitest'
import { workspace } from './families/workspace.ts'
import './families/analysis.ts'
import './families/assistant.ts'
import './families/recovery.ts'
import './families/tools.ts'
import './families/workflow.ts'

afterAll(() => workspace.remove())
