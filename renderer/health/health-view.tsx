import { Empty } from '../ui/empty.tsx'
import { View } from '../ui/view.tsx'

export function HealthView() {
  return (
    <View title="Health">
      <Empty title="Nothing here yet." />
    </View>
  )
}
