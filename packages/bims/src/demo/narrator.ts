import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NdArray } from '@bims/core'
import type { Act, Picture, Table } from './page.ts'
import { pictureOf, type Look } from './picture.ts'

/** Tells the story as it goes: lines for the terminal, acts for the page, pictures into the folder. */
export interface Narrator {
  readonly folder: string
  /** Begins an act. */
  readonly act: (title: string, text: string) => void
  /** A figure of the act. */
  readonly figure: (name: string, value: string) => void
  readonly table: (table: Table) => void
  /** Writes a picture of an array into the folder. */
  readonly picture: (file: string, caption: string, array: NdArray, look?: Look) => Promise<void>
  /** Shows a picture of an earlier act again, beside those of this one. */
  readonly again: (picture: Picture) => void
  readonly acts: () => readonly Act[]
}

interface Draft {
  readonly title: string
  readonly text: string
  readonly figures: (readonly [string, string])[]
  readonly pictures: Picture[]
  readonly tables: Table[]
}

const width = 22

/** Starts a story in a folder; `say` takes the lines for the terminal. */
export const newNarrator = (folder: string, say: (text: string) => void): Narrator => {
  const acts: Draft[] = []
  const current = (): Draft => {
    const last = acts.at(-1)
    if (last === undefined) throw new Error('a story begins with an act')
    return last
  }
  return {
    folder,
    act: (title, text) => {
      acts.push({ title, text, figures: [], pictures: [], tables: [] })
      say(`\n${acts.length}  ${title}\n`)
    },
    figure: (name, value) => {
      current().figures.push([name, value])
      say(`   ${name.padEnd(width)} ${value}\n`)
    },
    table: table => {
      current().tables.push(table)
    },
    picture: async (file, caption, array, look = 'grey') => {
      await writeFile(join(folder, file), pictureOf(array, look))
      current().pictures.push({ file, caption })
    },
    again: picture => {
      current().pictures.push(picture)
    },
    acts: () => acts
  }
}
