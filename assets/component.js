// What a run sends of a chart or drawing: its script is imported by its address, which names its
// content, so the browser fetches it once. The script exports `mount`, which takes the component.

const LATEST = new WeakMap(); // where they stand -> the latest run's call

export default async function (component) {
  const { parentElement, data } = component;
  LATEST.set(parentElement, component);
  try {
    const { mount } = await import(new URL(data.script, location.href).href);
    // A run that was overtaken meanwhile draws nothing: what it gives would end the later one's.
    return LATEST.get(parentElement) === component ? mount(component) : undefined;
  } catch (error) {
    parentElement.textContent = `The script of what stands here could not be loaded: ${error.message}. Reload the page.`;
    return undefined;
  }
}
