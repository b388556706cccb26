// Settings as the app shows and changes them, what the doctor finds, and what can be downloaded.
import { z } from 'zod'

/** How a key is edited. */
const settingControl = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('switch') }),
  z.object({ kind: z.literal('choice'), options: z.array(z.string()) }),
  z.object({
    kind: z.literal('number'),
    min: z.number().nullable(),
    max: z.number().nullable(),
    whole: z.boolean(),
  }),
  z.object({ kind: z.literal('text') }),
  z.object({ kind: z.literal('list') }),
])

const setting = z.object({
  /** `controller.port` */
  key: z.string(),
  /** In one sentence, for the owner of a Mac. */
  meaning: z.string(),
  expected: z.string(),
  control: settingControl,
  value: z.unknown(),
  defaultValue: z.unknown(),
  source: z.enum(['default', 'file', 'environment', 'settings', 'flag']),
  /** Where the value was set, for a reader: `cluster.yaml, line 4`. */
  sourceText: z.string(),
  /** Why it cannot be changed here, as a sentence for a reader; null: it can. */
  readOnlyReason: z.string().nullable(),
})
export type Setting = z.infer<typeof setting>

/** `GET /api/settings`, and the answer of `PATCH /api/settings`. */
export const settingsAnswer = z.object({
  settings: z.array(setting),
  /** What was saved and is not in force before a restart. */
  pending: z.array(z.string()),
  warnings: z.array(z.string()),
})
export type SettingsAnswer = z.infer<typeof settingsAnswer>

/** `PATCH /api/settings`: `null` takes a saved value back. All or nothing. */
export const settingsChange = z.strictObject({ changes: z.record(z.string(), z.unknown()) })

/** What is wrong with a key; '' where no single one is at fault. */
const settingProblem = z.object({ key: z.string(), message: z.string() })
export type SettingProblem = z.infer<typeof settingProblem>

/** The 400 of `PATCH /api/settings` carries, beside `error`, what is wrong with which key. */
export const settingsRefusal = z.object({
  problems: z.array(settingProblem),
})

/** `GET /api/doctor`: the names of the checks, in their order; `GET /api/doctor/{check}` looks. */
export const doctorChecks = z.object({ checks: z.array(z.object({ id: z.string(), title: z.string() })) })
export type DoctorChecks = z.infer<typeof doctorChecks>

export const doctorFinding = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(['ok', 'warn', 'fail']),
  message: z.string(),
  /** What to do about it, for a reader. */
  advice: z.string().nullable(),
  /** What the button that mends it says; null: it cannot be mended here. `POST /api/doctor/{check}/mend` */
  mend: z.string().nullable(),
})
export type DoctorFinding = z.infer<typeof doctorFinding>

/** `GET /api/catalog`: models that this Mac could download, the best for it first. */
export const catalogAnswer = z.object({
  models: z.array(
    z.object({
      /** `mlx-community/Llama-3.2-3B-Instruct-4bit` */
      modelId: z.string(),
      title: z.string(),
      /** What it is good at, in a few words. */
      summary: z.string(),
      sizeBytes: z.number(),
      /** What it needs in memory, with a usual context. */
      memoryBytes: z.number(),
      fits: z.enum(['well', 'tight', 'no']),
      onDisk: z.boolean(),
    }),
  ),
})
export type CatalogAnswer = z.infer<typeof catalogAnswer>
