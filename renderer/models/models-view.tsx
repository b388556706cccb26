import { Empty } from '../ui/empty.tsx'
import { View } from '../ui/view.tsx'

export function ModelsView() {
  return (
    <View title="Models">
      <Empty title="Nothing here yet." />
    </View>
  )
}
