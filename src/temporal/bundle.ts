import { join } from 'node:path'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'

/** The workflows of a source folder as the code of one bundle. How failures are written is part of it. */
export async function bundleWorkflows(source: string, failureConverterPath?: string): Promise<string> {
  const { code } = await bundleWorkflowCode({ workflowsPath: join(source, 'workflows/index.ts'), workflowInterceptorModules: [join(source, 'workflows/summaries.ts')], logger: new DefaultLogger('WARN'), ...(failureConverterPath && { failureConverterPath }) })
  return code
}
