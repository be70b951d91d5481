using Microsoft.AspNetCore.Mvc.TagHelpers;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>
/// The placeholder for an empty list: the <see cref="Title"/>, the next step as content, and a link to it with the attributes of
/// <see cref="AnchorTagHelper"/>.
/// </summary>
[HtmlTargetElement("empty-state")]
public sealed class EmptyStateTagHelper(IHtmlGenerator generator) : AnchorTagHelper(generator)
{
    /// <summary>For example "No predictions yet".</summary>
    public string Title { get; set; } = "";

    /// <summary>The text of the link.</summary>
    public string Link { get; set; } = "";

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var next = await output.GetChildContentAsync();
        Process(context, output);
        var address = output.Attributes["href"].Value;
        output.TagName = "div";
        output.Attributes.Clear();
        output.Attributes.Add("class", "empty-state");
        output.Content.AppendFormat(
            """<p class="empty-state-title">{0}</p><p>{1}</p><p class="mb-0"><a class="btn btn-primary" href="{2}">{3}</a></p>""", Title, next, address, Link);
    }
}
