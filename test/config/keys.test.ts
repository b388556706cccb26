import { expect, test } from 'vitest'
import { keys } from '../../main/config/keys.ts'

test('every key has a variable of its own', () => {
  const variables = [...keys.values()].map(key => key.variable)
  expect(new Set(variables).size).toBe(variables.length)
  expect(keys.get('models.tier_preferences.<3B.min_gpu_cores')?.variable).toBe(
    'MLX_MESH_MODELS_TIER_PREFERENCES_3B_MIN_GPU_CORES',
  )
})

test('every default is a value that its key takes', () => {
  for (const key of keys.values()) expect(key.schema.safeParse(key.defaultValue).success, key.path).toBe(true)
})
