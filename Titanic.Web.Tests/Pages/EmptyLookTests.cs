using Titanic.Web.Tests.Browser;

namespace Titanic.Web.Tests.Pages;

/// <summary>Pages in a real browser while there is nothing to show.</summary>
[Collection<OneEmptySite>]
public sealed class EmptyLookTests(EmptySite empty, TestBrowser browser)
{
    [Theory]
    [InlineData("/", "predict-empty")]
    [InlineData("/predictions", "predictions-empty")]
    public Task Is_accessible_and_fits_while_empty(string path, string name) =>
        PageView.LookEverywhere(browser, empty.BaseAddress, path, name);
}
