/** A picture of the page: a file beside it, and what it shows. */
export interface Picture {
  readonly file: string
  readonly caption: string
}

/** A table of the page; a cell's class colours it. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** Class of each row, e.g. `kept`, `dropped`, `pass`, `fail`. */
  readonly classes?: readonly string[]
}

/** One act of the story. */
export interface Act {
  readonly title: string
  readonly text: string
  readonly figures: readonly (readonly [name: string, value: string])[]
  readonly pictures?: readonly Picture[]
  readonly tables?: readonly Table[]
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, character => escapes[character] ?? character)

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea; --back: #f6f8fa; --card: #fff; --good: #0a7f4f; --bad: #c0272d; --mark: #2456c7 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa5b4; --line: #2c3440; --back: #0f141b; --card: #171e27; --good: #46c78e; --bad: #ff6b6b; --mark: #7aa7ff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
main { max-width: 68rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .4rem }
h1 + p { color: var(--soft); margin: 0 0 2rem; max-width: 46rem }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.4rem 1.6rem; margin: 0 0 1.2rem }
h2 { font-size: 1.2rem; margin: 0 0 .4rem; display: flex; gap: .7rem; align-items: baseline }
h2 span { color: var(--mark); font-variant-numeric: tabular-nums }
section > p { margin: 0 0 1rem; color: var(--soft); max-width: 50rem }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: .8rem 1.4rem; margin: 0 0 1rem }
dt { color: var(--soft); font-size: .82rem }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; margin: 1rem 0 }
figure { margin: 0 }
img { width: 100%; display: block; border-radius: 8px; border: 1px solid var(--line); background: #0b0e12; image-rendering: pixelated }
figcaption { color: var(--soft); font-size: .85rem; margin-top: .35rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .8rem 0 0 }
th { text-align: left; color: var(--soft); font-weight: 500 }
th, td { padding: .38rem .9rem .38rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere }
tr.dropped td { color: var(--soft) }
tr.kept td:first-child, tr.pass td:first-child { box-shadow: inset 3px 0 var(--good); padding-left: .7rem }
tr.fail td:first-child { box-shadow: inset 3px 0 var(--bad); padding-left: .7rem }
tr.dropped td:first-child, tr.not-checked td:first-child { padding-left: .7rem }
code { font: .86em ui-monospace, monospace }
`

const figures = (act: Act): string =>
  `<dl>${act.figures.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`).join('')}</dl>`

const pictures = ({ pictures: list = [] }: Act): string =>
  list.length === 0
    ? ''
    : `<div class="pictures">${list.map(({ caption, file }) => `<figure><img src="${escaped(file)}" alt="${escaped(caption)}"><figcaption>${escaped(caption)}</figcaption></figure>`).join('')}</div>`

const table = ({ classes = [], head, rows }: Table): string =>
  `<div class="wide"><table><thead><tr>${head.map(cell => `<th>${escaped(cell)}</th>`).join('')}</tr></thead><tbody>${rows
    .map(
      (row, i) =>
        `<tr class="${escaped(classes[i] ?? '')}">${row.map(cell => `<td>${escaped(cell)}</td>`).join('')}</tr>`
    )
    .join('')}</tbody></table></div>`

/** The story as one HTML page without scripts and without anything from elsewhere. */
export const storyPage = (title: string, subtitle: string, acts: readonly Act[]): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(subtitle)}</p>
${acts
  .map(
    (act, i) => `<section>
<h2><span>${i + 1}</span> ${escaped(act.title)}</h2>
<p>${escaped(act.text)}</p>
${figures(act)}
${pictures(act)}
${(act.tables ?? []).map(table).join('\n')}
</section>`
  )
  .join('\n')}
</main>
</body>
</html>
`
