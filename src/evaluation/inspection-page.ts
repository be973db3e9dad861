import type { Inspection, PageSection } from '../tasks/inspection.ts'
import { rateBar } from './charts.ts'
import { html, type Markup } from './markup.ts'
import { pageStyle } from './page-style.ts'

/** One self-contained page of what was found in people's files: no script, nothing loaded, all texts escaped. */
export function inspectionPage(name: string, { title, page, notes }: Inspection): string {
  return `<!doctype html>\n${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${name} · Clitron inspection</title>
<style>`}${pageStyle}${html`</style>
</head>
<body><main>
<header>
<h1>${name}</h1>
<p class="soft">${title}</p>
${notes.map((note) => html`<p class="note">${note}</p>`)}
</header>
${page.sections.map(card)}
<footer>The same figures stand in the JSON files beside this page; made by <code>clitron inspect ${name} --data</code>.</footer>
</main></body>
</html>
`}`
}

function card({ title, note, bars = [], table }: PageSection): Markup {
  return html`<section class="card"><h2>${title}</h2>
${note && html`<p class="note">${note}</p>`}
${bars.length > 0 && html`<div class="rows${bars.length > 6 ? ' columns' : ''}">${bars.map(({ name, share, figure }) => html`<div class="row"><span>${name}</span>${rateBar(share, undefined, 'quiet')}<span class="n">${figure}</span></div>`)}</div>`}
${table && html`<div class="scroll"><table><tr>${table.head.map((cell, i) => html`<th${i > 0 && isNumber(table.rows, i) ? html` class="num"` : ''}>${cell}</th>`)}</tr>${table.rows.map((row) => html`<tr>${row.map((cell, i) => html`<td${i > 0 && isNumber(table.rows, i) ? html` class="num"` : ''}>${typeof cell === 'number' ? cell.toLocaleString('en') : cell}</td>`)}</tr>`)}</table></div>`}
</section>`
}

const isNumber = (rows: readonly (readonly (string | number)[])[], column: number): boolean => rows.every((row) => typeof row[column] === 'number')
