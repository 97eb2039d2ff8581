for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const address = button.parentElement.querySelector("code");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      getSelection().selectAllChildren(address);
      if (!document.execCommand("copy")) return;
    }
    const said = button.textContent;
    button.textContent = button.dataset.done;
    document.querySelector("[role=status]").textContent = button.dataset.done;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}
