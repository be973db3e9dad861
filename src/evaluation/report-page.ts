import { html } from './markup.ts'
import { pageStyle } from './page-style.ts'
import type { Report } from './report.ts'
import { askingCard, calibrationCard, companionCard, dataCard, errorAnalysisCard, errorsCard, headline, ladderCard, learningCard, metricsCard, modelCard, robustnessCard, slicesCard } from './report-sections.ts'

/** One self-contained page: no script, nothing loaded, readable on a phone, in light and dark. */
export function reportPage(report: Report): string {
  const { name, title, base, quant, teacher, created } = report
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${name} · Clitron report</title>
<style>`}${pageStyle}${html`</style>
</head>
<body><main>
<header>
<h1>${name}</h1>
<p class="soft">${title} · ${base === 'scratch' ? 'trained from scratch' : base} · ${quant} · examples by ${teacher} · ${created.slice(0, 10)}</p>
</header>
${headline(report)}
${ladderCard(report)}
${metricsCard(report)}
${companionCard(report)}
${slicesCard(report)}
${askingCard(report)}
${calibrationCard(report)}
${errorsCard(report)}
${errorAnalysisCard(report)}
${robustnessCard(report)}
${learningCard(report)}
${dataCard(report)}
${modelCard(report)}
<footer>Every figure is of the quantized file itself, answered as it is served. The same figures are in <code>report.json</code>; made by <code>${report.command}</code> in ${report.seconds.toFixed(0)} s.</footer>
</main></body>
</html>
`}`
}
