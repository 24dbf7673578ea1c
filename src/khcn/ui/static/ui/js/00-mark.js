// Tells the style sheet that scripts run: elements with the class "needs-js" appear.
document.documentElement.dataset.js = "";
